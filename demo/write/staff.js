// The staff above the text: one note per token, the higher the more surprising it was, and a bar line where a sentence
// ends. When it is full it begins again at the left, over the old notes, so that the number of elements stays fixed.

import { bitsOf } from './surprise.js';

const SVG = 'http://www.w3.org/2000/svg';
/** From one note to the next. */
export const SPACING = 10;
const LINE_GAP = 8;
const TOP = 10;
const LOWEST = TOP + 4 * LINE_GAP + LINE_GAP / 2;
const STEPS = 9;
const STEM = 19;
const SENTENCE_END = /[.!?\n]/;

/** How high a note stands, from 0: 1 at 0.16 bits of surprise, 3 at 1.4, 5 at 4, 8 at 10 and more. */
export const stepOf = (logprob) => Math.min(STEPS - 1, Math.round(2.5 * Math.sqrt(bitsOf(logprob))));

export class Staff {
  #svg;
  /** By place, its note and its bar line. */
  #places = new Map();
  /** The index of the token at each place. */
  #indices = [];
  #next = 0;
  #room = 0;
  #tokens = [];
  #selected = null;
  #hovered = null;
  #pointed = undefined;

  /**
   * @param {SVGSVGElement} svg
   * @param {{ onSelect(index: number): void, onHover(index: number | null): void }} handlers
   */
  constructor(svg, { onSelect, onHover }) {
    this.#svg = svg;
    for (let line = 0; line < 5; line++) {
      const y = TOP + line * LINE_GAP;
      svg.append(element('line', { x1: 0, x2: '100%', y1: y, y2: y }));
    }
    new ResizeObserver(() => this.#fit()).observe(svg);
    svg.addEventListener('click', (event) => {
      const index = this.#at(event);
      if (index !== null) onSelect(index);
    });
    svg.addEventListener('pointermove', (event) => {
      const index = this.#at(event);
      svg.classList.toggle('is-over-note', index !== null);
      if (index !== this.#hovered) onHover(index);
      this.#hovered = index;
    });
    svg.addEventListener('pointerleave', () => {
      this.#hovered = null;
      onHover(null);
    });
  }

  /** @param {import('./story.js').Token[]} tokens all that are to stand here from now on, whatever stood here */
  show(tokens) {
    for (const { note, bar } of this.#places.values()) {
      note.remove();
      bar.remove();
    }
    this.#places.clear();
    this.#indices = [];
    this.#next = 0;
    this.#selected = null;
    this.#tokens = tokens;
    if (this.#room > 0) this.add(tokens, 0);
  }

  /** Writes the tokens from an index on; what would be written over at once is left out. */
  add(tokens, from) {
    this.#tokens = tokens;
    this.#room ||= roomOf(this.#svg.clientWidth);
    const first = Math.max(from, tokens.length - this.#room);
    this.#next = first % this.#room;
    for (let index = first; index < tokens.length; index++) this.#write(tokens[index], index);
  }

  /** @param {number | null} index of the token whose note is marked; where it was written over, it comes back with those around it */
  select(index) {
    this.#noteOf(this.#selected)?.classList.remove('is-selected');
    this.#selected = index;
    if (index !== null && this.#room > 0 && !this.#indices.includes(index)) this.#turnTo(index);
    this.#noteOf(index)?.classList.add('is-selected');
  }

  /** @param {number | null} index of the token that the pointer is at */
  hover(index) {
    this.#pointed?.classList.remove('is-hovered');
    this.#pointed = this.#noteOf(index);
    this.#pointed?.classList.add('is-hovered');
  }

  #write({ text, logprob }, index) {
    if (this.#next === 0) for (const { note } of this.#places.values()) note.classList.add('is-old');
    const place = this.#next;
    this.#next = (place + 1) % this.#room;
    if (!this.#places.has(place)) this.#places.set(place, this.#makePlace(place));
    this.#indices[place] = index;
    const { note, bar } = this.#places.get(place);
    const step = stepOf(logprob);
    note.setAttribute('d', step < 4 ? STEM_UP : STEM_DOWN);
    note.setAttribute('transform', `translate(${xOf(place)} ${LOWEST - (step * LINE_GAP) / 2})`);
    note.setAttribute('class', index === this.#selected ? 'note is-selected' : 'note');
    bar.setAttribute('visibility', SENTENCE_END.test(text) ? 'visible' : 'hidden');
  }

  #turnTo(index) {
    const first = index - (index % this.#room);
    this.#next = 0;
    for (let at = first; at < Math.min(first + this.#room, this.#tokens.length); at++)
      this.#write(this.#tokens[at], at);
  }

  #makePlace(place) {
    const x = xOf(place) + SPACING / 2;
    const made = {
      note: element('path', { class: 'note' }),
      bar: element('line', { class: 'bar', x1: x, x2: x, y1: TOP, y2: TOP + 4 * LINE_GAP }),
    };
    this.#svg.append(made.bar, made.note);
    return made;
  }

  #noteOf(index) {
    const place = index === null ? -1 : this.#indices.indexOf(index);
    return this.#places.get(place)?.note;
  }

  /** The token whose note is nearest to the pointer, or null. */
  #at({ clientX }) {
    const x = clientX - this.#svg.getBoundingClientRect().left;
    return this.#indices[Math.floor(x / SPACING - 0.3)] ?? null;
  }

  #fit() {
    const room = roomOf(this.#svg.clientWidth);
    if (room === this.#room) return;
    this.#room = room;
    const selected = this.#selected;
    this.show(this.#tokens);
    this.select(selected);
  }
}

const roomOf = (width) => Math.max(8, Math.floor(width / SPACING) - 1);
const xOf = (place) => SPACING * (place + 0.8);

/** A note around 0, 0. */
const HEAD = 'M-3.4 1.2C-3.9-.6-1.6-2.9 1-2.9S3.9-2.4 3.4-1.2 1.6 2.9-1 2.9-3.2 2.4-3.4 1.2Z';
const STEM_UP = `${HEAD}M3.4-1V-${STEM}`;
const STEM_DOWN = `${HEAD}M-3.4 1V${STEM}`;

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
