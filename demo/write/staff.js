// The staff above the text: one note per token, the longer its text the higher; a bar line where a sentence ends.
// When it is full it begins again at the left, over the old notes, so that the number of elements stays fixed.

const SVG = 'http://www.w3.org/2000/svg';
const SPACING = 9;
const LINE_GAP = 8;
const TOP = 10;
const LOWEST = 2.5;
const STEPS = 9;
const SENTENCE_END = /[.!?\n]/;

export class Staff {
  #svg;
  #slots = [];
  #next = 0;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.#svg = svg;
    for (let line = 0; line < 5; line++) {
      const y = TOP + line * LINE_GAP;
      svg.append(element('line', { x1: 0, x2: '100%', y1: y, y2: y }));
    }
  }

  clear() {
    for (const slot of this.#slots) slot.remove();
    this.#slots = [];
    this.#next = 0;
  }

  /**
   * @param {string} text of one token or of few
   * @param {number} id of the token, which gives the height where there is no text
   */
  add(text, id) {
    const room = Math.max(8, Math.floor(this.#svg.clientWidth / SPACING) - 1);
    const slot = this.#next % room;
    const x = SPACING * (slot + 0.8);
    const mark = SENTENCE_END.test(text)
      ? barLine(x)
      : note(x, text === '' ? id % STEPS : text.trim().length);
    this.#slots[slot]?.remove();
    this.#slots[slot] = mark;
    this.#svg.append(mark);
    this.#next = slot + 1;
  }
}

function note(x, height) {
  const step = Math.min(height, STEPS) - 1;
  const y = TOP + 4 * LINE_GAP + LOWEST - (step * LINE_GAP) / 2;
  return element('ellipse', {
    class: 'note',
    cx: x,
    cy: y,
    rx: 3.6,
    ry: 2.7,
    transform: `rotate(-22 ${x} ${y})`,
  });
}

const barLine = (x) => element('line', { class: 'bar', x1: x, x2: x, y1: TOP, y2: TOP + 4 * LINE_GAP });

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
