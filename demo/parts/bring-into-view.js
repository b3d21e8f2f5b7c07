// Where what was asked for stands below the screen, the page goes there once.

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** @param {HTMLElement} element */
export function bringIntoView(element) {
  const { top } = element.getBoundingClientRect();
  if (top >= 0 && top < window.innerHeight / 2) return;
  element.scrollIntoView({ behavior: still.matches ? 'auto' : 'smooth' });
}
