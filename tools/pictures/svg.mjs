// What the pictures of docs/how-it-works/ are drawn with: SVG as text, with few decimals, in the colours of the demo.

/** All pictures are so wide, in units of the viewBox; text of 14 units is then legible on a phone. */
export const WIDTH = 640;

/** A character of the type for tokens, in units, at 14 units of size. `lines()` stretches whatever font there is to it. */
export const CHARACTER = 8.4;

export const STYLE = `
svg{--paper:#fdfefb;--ink:#1a211e;--muted:#56605b;--line:#d5dbd5;--wash:#dfe9e2;--main:#1d5c4b;--warm:#a8281f;--warm-wash:#eea99d}
@media(prefers-color-scheme:dark){svg{--paper:#181e1b;--ink:#e2e8e3;--muted:#9da9a2;--line:#39443e;--wash:#2a3d35;--main:#8fcfb6;--warm:#ffa298;--warm-wash:#8a3a30}}
text{font:14px ui-sans-serif,system-ui,"Segoe UI","Helvetica Neue","Noto Sans",Arial,sans-serif;fill:var(--ink)}
.mono{font-family:ui-monospace,"SF Mono","Cascadia Mono",Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.small{font-size:12px}.bold{font-weight:600}.muted{fill:var(--muted)}.main{fill:var(--main)}.warm{fill:var(--warm)}
.middle{text-anchor:middle}.end{text-anchor:end}
.paper{fill:var(--paper)}.fill{fill:var(--main)}.wash{fill:var(--wash)}.hot{fill:var(--warm)}.hot-wash{fill:var(--warm-wash)}
.edge{fill:none;stroke:var(--main);stroke-width:1.5}.faint{fill:none;stroke:var(--line);stroke-width:1}.box{fill:var(--wash);stroke:var(--line)}
.ring{fill:none;stroke:var(--ink);stroke-width:1.2}.red{fill:none;stroke:var(--warm);stroke-width:1.5}
`.trim();

/** Text as it stands in markup. */
export const escaped = (text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A number with at most `decimals`, without zeros that say nothing. */
export const round = (value, decimals = 1) => String(Number(value.toFixed(decimals)) + 0);

/**
 * An element. Numbers are rounded to a tenth of a unit; `class` is left out where it is empty.
 *
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...string} children markup
 */
export function element(name, attributes, ...children) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? round(value) : value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

export const text = (x, y, content, kind = '') => element('text', { x, y, class: kind }, escaped(content));

export const rect = (x, y, width, height, kind, more = {}) =>
  element('rect', { x, y, width, height, class: kind, ...more });

export const path = (d, kind, more = {}) => element('path', { d, class: kind, ...more });

/** A path of pieces such as `['M', 1, 2.25]`. */
export const pathOf = (...pieces) =>
  pieces.map(([letter, ...numbers]) => letter + numbers.map((n) => round(n)).join(' ')).join('');

/**
 * A whole picture.
 *
 * @param {object} parts
 * @param {number} parts.height
 * @param {string} parts.title a line, for screen readers
 * @param {string} parts.description what is to be seen, for screen readers
 * @param {string[]} parts.body markup
 */
export function picture({ height, title, description, body }) {
  const size = { viewBox: `0 0 ${WIDTH} ${round(height)}`, width: WIDTH, height: Math.round(height) };
  const named = { role: 'img', 'aria-labelledby': 'title description' };
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, ...named },
    element('title', { id: 'title' }, escaped(title)),
    element('desc', { id: 'description' }, escaped(description)),
    `<style>${STYLE}</style>`,
    rect(0.5, 0.5, WIDTH - 1, height - 1, 'paper', { rx: 8, stroke: 'var(--line)' }),
    `\n${body.join('\n')}\n`,
  )}\n`;
}
