// Elements made by a script: what they are, how they are set, what is in them.

/**
 * @param {string} name of the element
 * @param {Record<string, unknown>} [set] attributes; `hidden` and the like take true and false; a function listens, as
 *   `onclick` does
 * @param {...(Node | string)} inside
 */
export function make(name, set = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(set)) {
    if (typeof value === 'function') made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

/** A button that sends no form. */
export const button = (words, className, onclick, set = {}) =>
  make('button', { type: 'button', class: className, onclick, ...set }, words);
