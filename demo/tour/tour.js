// The tour: five steps from a prompt to a text, in a panel beside the page. It begins only when it is asked for.

import { button, make } from '../parts/elements.js';
import { PageProblem } from '../parts/problems.js';
import { readPrompt } from '../parts/prompt.js';
import { bringStyle } from '../parts/style-sheet.js';
import { Round } from './round.js';
import { steps } from './steps.js';

const INPUT_MS = 250;
const WAITING = 'One moment: the model finishes what it has begun.';

const composer = document.querySelector('#composer');
let tour = null;

/** Begins the tour; where it is open, goes to it. @param {object} page */
export async function startTour(page) {
  await bringStyle(new URL('tour.css', import.meta.url));
  tour ??= new Tour(page, () => {
    tour = null;
  });
  await tour.show(0);
}

class Tour {
  #page;
  #onClose;
  #opener = document.activeElement;
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #where = make('p', { class: 'tour-where' });
  #title = make('h2', { id: 'tour-title', tabindex: '-1' });
  #content = make('div', {
    class: 'tour-content',
    id: 'tour-content',
    role: 'group',
    'aria-labelledby': 'tour-title',
    'aria-busy': 'false',
    tabindex: '0', // it may have more than a small screen shows
  });
  #back = button('Back', 'secondary', () => this.show(this.#step - 1), { id: 'tour-back' });
  #next = button('Next', 'primary', () => this.#goOn(), { id: 'tour-next' });
  #panel;
  #step = 0;
  /** @type {Round | null} */
  #round = null;
  #shows = 0;
  #input = 0;
  #onInput = () => {
    clearTimeout(this.#input);
    this.#input = setTimeout(() => this.#refresh(), INPUT_MS);
  };

  constructor(page, onClose) {
    this.#page = page;
    this.#onClose = onClose;
    const close = button('×', 'tour-close', () => this.close(), {
      'aria-label': 'Close the tour',
      id: 'tour-close',
    });
    this.#panel = make(
      'section',
      { class: 'tour', id: 'tour', role: 'dialog', 'aria-modal': 'false', 'aria-labelledby': 'tour-title' },
      this.#where,
      this.#title,
      this.#content,
      make('div', { class: 'tour-buttons' }, this.#back, this.#next),
      close,
    );
    this.#panel.addEventListener('keydown', (event) => this.#onKey(event));
    document.body.append(this.#panel);
    document.documentElement.classList.add('has-tour');
    page.modes.choose('write');
    composer.addEventListener('input', this.#onInput);
    composer.addEventListener('click', this.#onInput); // a suggestion, or the model's own settings
  }

  /** @param {number} step from 0 on */
  async show(step) {
    if (step < 0) return;
    this.#step = step;
    const mine = ++this.#shows;
    const { title, place } = steps[step];
    this.#where.textContent = `Step ${step + 1} of ${steps.length}`;
    this.#title.textContent = title;
    this.#back.setAttribute('aria-disabled', String(step === 0));
    this.#next.textContent = step === steps.length - 1 ? 'Done' : 'Next';
    this.#content.setAttribute('aria-busy', 'true');
    const waiting = setTimeout(() => this.#content.replaceChildren(make('p', {}, WAITING)), 400);
    this.#point(place);
    const nodes = await this.#nodesOf(steps[step]);
    clearTimeout(waiting);
    if (mine !== this.#shows) return;
    this.#content.replaceChildren(...nodes);
    this.#content.scrollTop = 0;
    this.#content.setAttribute('aria-busy', 'false');
    this.#title.focus({ preventScroll: true });
    const paragraphs = nodes.filter((node) => node.nodeName === 'P');
    this.#page.announce([this.#where, ...paragraphs].map((each) => each.textContent).join(' '));
  }

  /** The beginning or a setting has changed: the step shows it. */
  async #refresh() {
    const mine = ++this.#shows;
    const nodes = await this.#nodesOf(steps[this.#step]);
    if (mine === this.#shows) this.#content.replaceChildren(...nodes);
  }

  close() {
    this.#shows++;
    clearTimeout(this.#input);
    composer.removeEventListener('input', this.#onInput);
    composer.removeEventListener('click', this.#onInput);
    this.#point(null);
    this.#panel.remove();
    document.documentElement.classList.remove('has-tour');
    this.#round?.dispose();
    this.#opener?.focus();
    this.#onClose();
  }

  #goOn() {
    if (this.#step === steps.length - 1) this.close();
    else this.show(this.#step + 1);
  }

  async #nodesOf(step) {
    try {
      const round = await this.#roundNow();
      const { temperature, topK, topP, seed } = this.#page.controls.options;
      const settings = temperature === 0 ? { temperature } : { temperature, topK, topP };
      return await step.show(round, { settings, seed, announce: this.#page.announce });
    } catch (error) {
      this.#round = null;
      return [make('p', {}, sentence(error.message))];
    }
  }

  /** Of the model that is there and the beginning that stands there; another one of either begins anew. */
  async #roundNow() {
    const current = this.#page.current();
    if (current === null) throw new Error('The model is still on its way. Come back when it is ready.');
    const { model } = current;
    const prompt = readPrompt(model.info.hasTokenizer);
    if (prompt.length === 0)
      throw new PageProblem('empty-prompt', 'There is no beginning yet. Write a word or two.');
    const key = JSON.stringify(prompt);
    if (this.#round === null || this.#round.model !== model || this.#round.key !== key) {
      this.#round?.dispose();
      this.#round = Object.assign(await Round.of(model, prompt), { key });
    }
    return this.#round;
  }

  /** Marks the place on the page that a step speaks of. */
  #point(place) {
    for (const marked of document.querySelectorAll('.tour-place')) marked.classList.remove('tour-place');
    const target = place === null ? null : document.querySelector(place);
    if (target === null) return;
    target.classList.add('tour-place');
    target.scrollIntoView({ behavior: this.#still.matches ? 'auto' : 'smooth', block: 'start' });
  }

  #onKey(event) {
    if (event.key === 'Escape') {
      event.preventDefault(); // the page's own Escape stops the writing
      this.close();
    } else if (event.key === 'ArrowRight') this.#goOn();
    else if (event.key === 'ArrowLeft') this.show(this.#step - 1);
  }
}

const sentence = (message) => (/[.!?]$/.test(message) ? message : `${message}.`);
