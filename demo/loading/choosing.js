// Choosing another model: what is typed, dropped or kept is looked at, then loaded, with words for what goes wrong. Its code
// comes when the page's own model is there, or could not be had.

import { PageProblem } from '../parts/problems.js';
import { install } from './install.js';
import { KeptModels } from './kept-models.js';
import { problemOf } from './load-problems.js';
import { keptNameOf } from './model-address.js';
import { ModelDialog } from './model-dialog.js';
import { ModelPicker } from './model-picker.js';
import { Proposal } from './proposal.js';
import { Resume } from './resume.js';

/** What may be otherwise when it is tried again. */
const MAY_PASS = [
  'network',
  'no-answer',
  'offline',
  'back-online',
  'busy',
  'no-worker',
  'engine-crashed',
  'store',
];

export class Choosing {
  #loader;
  #problems;
  #dialog = new ModelDialog();
  #proposal;
  #picker;
  #resume;
  #kept;
  /** Tries again what failed last. */
  #again = null;

  /**
   * @param {{ announce(words: string): void, loader: import('./loader.js').Loader,
   *   problems: import('../parts/problems.js').Problems }} page
   */
  constructor({ announce, loader, problems }) {
    this.#loader = loader;
    this.#problems = problems;
    const onChoice = (choice) => this.choose(choice);
    const onProblem = (problem) => this.showProblem(problem);
    this.#proposal = new Proposal({ dialog: this.#dialog, announce });
    this.#picker = new ModelPicker({ onChoice, onProblem });
    this.#resume = new Resume({ announce, onChoice: (choice) => this.#load(choice) });
    this.#kept = new KeptModels({
      announce,
      onChoice,
      onGoOn: (choice) => this.#load(choice),
      onDelete: (name) => loader.stopIf((choice) => name === null || keptNameOf(choice) === name),
      onProblem,
    });
    this.#dialog.onClose = () => {
      this.#proposal.stop();
      if (problems.isIn(this.#dialog.element)) problems.clear();
    };
    addEventListener('online', () => {
      if (problems.code === 'offline') this.showProblem(new PageProblem('back-online', ''), this.#again);
    });
    install(announce);
  }

  /** Opens the dialog with the choices. */
  open() {
    this.#dialog.open('choices');
  }

  /**
   * Loads what was chosen, after a question where it is large or does not fit.
   *
   * @param {{ name: string, source: string | URL | File[], origin?: 'hub' | 'address', options?: object }} choice
   */
  async choose(choice) {
    this.#problems.clear();
    this.#resume.hide();
    const isInDialog = this.#dialog.isOpen || choice.origin !== undefined;
    if (!isInDialog && !choice.isEmbedded) this.#loader.showLooking(choice);
    try {
      const agreed = await this.#proposal.agree(choice);
      this.#loader.showCurrent();
      if (agreed !== null) await this.#load(agreed);
    } catch (error) {
      this.#loader.showCurrent();
      this.showProblem(problemOf(error, choice), () => this.choose(choice));
    }
  }

  /** Gives up what is looked at. */
  stop() {
    this.#proposal.stop();
  }

  /** Shows what a loading has come to: which model is there, and what is kept. */
  async showLoaded() {
    const choice = this.#loader.current?.choice ?? null;
    this.#picker.setModel(choice);
    await this.#kept.show();
    if (choice?.origin !== undefined) await this.#kept.protect();
    else await this.#resume.offer(this.#kept.models);
  }

  showStopped({ origin }) {
    if (origin !== undefined) this.#picker.say('Stopped. What came is kept, and loading goes on from there.');
  }

  /** The model that is there works, and will be gone with the page. */
  showNotKept(isFull) {
    const why = isFull ? 'The browser has no room for it.' : 'The browser keeps nothing of this page.';
    const problem = new PageProblem(isFull ? 'not-kept' : 'keeps-nothing', why);
    const way = isFull ? { label: 'See what is kept', act: () => this.open() } : null;
    this.#problems.show(problem, '', document.querySelector('#resume'), way);
  }

  /** Shows why a choice could not be loaded; `came`: what is here of it. */
  showFailed(problem, choice, came) {
    this.showProblem(problem, () => this.#load(choice), came);
  }

  showProblem(problem, tryAgain = null, came = '') {
    this.#again = tryAgain;
    const near = document.querySelector(this.#dialog.isOpen ? '#model-form' : '#resume');
    const { current } = this.#loader;
    const remains = current === null ? '' : `${current.choice.name} is still there.`;
    const remark = [came, remains].filter(Boolean).join(' ');
    const way = tryAgain !== null && MAY_PASS.includes(problem?.code);
    this.#problems.show(problem, remark, near, way ? { label: 'Try again', act: tryAgain } : null);
  }

  async #load(choice) {
    this.#problems.clear();
    this.#resume.hide();
    this.#dialog.close();
    await this.#loader.load(choice);
  }
}
