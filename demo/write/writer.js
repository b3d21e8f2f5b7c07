// A story as it is written: the model's tokens through the pace onto the sheet, the branches, and the figures beside them.

import { Figures } from '../parts/figures.js';
import { AttentionView } from './attention-view.js';
import { Pacer } from './pace.js';
import { PaceControl } from './pace-control.js';
import { follow } from './run.js';
import { Sheet } from './sheet.js';
import { MOST_BRANCHES, Story } from './story.js';
import { StoryMemory } from './story-memory.js';
import { TokenTexts } from './token-texts.js';
import { Tree } from './tree.js';

export class Writer {
  #announce;
  #sheet;
  #attention;
  #tree;
  #figures = new Figures();
  #memory = new StoryMemory();
  #pacer = new Pacer((pieces) => this.#show(pieces));
  #paceControl;
  #model = null;
  #texts = null;
  /** @type {Story | null} */
  #story = null;
  /** Ends the run that is under way; null where none is. */
  #controller = null;

  /**
   * @param {{ announce(message: string): void, onChoose(index: number, tokenId: number): void,
   *   onSelect(branch: import('./story.js').Branch): void }} handlers what was chosen: a token to go on with, a branch
   */
  constructor({ announce, onChoose, onSelect }) {
    this.#announce = announce;
    this.#sheet = new Sheet({
      announce,
      onChoose,
      onSelect: () => this.#look(),
      onBeyond: () => this.#step(),
    });
    this.#attention = new AttentionView(
      (shading) => this.#sheet.shade(shading),
      () => this.#look(),
    );
    this.#tree = new Tree(onSelect);
    this.#paceControl = new PaceControl(this.#pacer, () => this.#step());
  }

  /** The story that is there ends with its model: it can be read, and not be gone on with. */
  setModel(model) {
    this.#model = model;
    this.#story = null;
    this.#texts = new TokenTexts(model);
    this.#sheet.setModel(model.info, null);
    this.#attention.setModel(model.info, this.#texts);
    this.#memory.setModel(model);
    this.#showTree();
  }

  set isBusy(isBusy) {
    this.#sheet.isBusy = isBusy;
  }

  /** For whom asked for a text where the sheet is out of view. */
  bringIntoView() {
    this.#sheet.bringIntoView();
  }

  /**
   * Writes a new story. Where an option is wrong, the one that is there stays.
   *
   * @param {string | number[]} prompt
   * @param {object} options of `generate`
   * @returns {Promise<import('../../web/index.ts').GenerationResult>}
   */
  async begin(prompt, options) {
    const { signal } = this.#start();
    const session = await this.#model.createSession();
    const startMs = performance.now();
    const reading = session.append(prompt, { signal });
    reading.catch(() => {}); // it is waited for below
    let generation;
    try {
      generation = session.generate({ ...options, signal });
    } catch (error) {
      void session.dispose();
      throw error;
    }
    void this.#story?.dispose();
    const story = new Story(session, options);
    this.#story = story;
    this.#memory.begin(options.maxNewTokens);
    this.#sheet.setModel(this.#model.info, this.#texts);
    this.#sheet.begin(prompt, options);
    this.#showTree();
    this.#announce('Writing.');
    const { selected: first } = story;
    await this.#follow(
      first,
      generation,
      reading.then(() => {
        story.promptLength = session.length;
        this.#memory.setPrompt(session.length);
        void this.#memory.measure();
        return performance.now() - startMs;
      }),
    );
    return first.result;
  }

  /** Goes on with another token in the place of one of the text's. */
  async choose(index, id) {
    const story = this.#story;
    const known = story.find(index, id);
    if (known !== null) return this.select(known);
    const { signal } = this.#start();
    const { alternatives } = story.selected.tokens[index];
    const { logprob } = alternatives.find(({ tokenId }) => tokenId === id);
    const isEnd = this.#model.info.eosTokenIds.includes(id);
    const text = isEnd ? '' : (await this.#texts.all([id]))[0];
    const branch = await story.fork(index, { id, text, logprob, alternatives, isGiven: true, isEnd });
    const word = this.#sheet.wordOf(branch.tokens[index]);
    this.#announce(`Going on with “${word}”.`);
    this.#showBranch(story.trim());
    const generation = isEnd ? null : branch.session.generate({ ...story.options, signal });
    await this.#follow(branch, generation, Promise.resolve(0));
  }

  /** Shows another branch. */
  select(branch) {
    this.#story.selected = branch;
    this.#showBranch();
    this.#showFigures(branch);
    this.#look();
  }

  /** Ends what is being written. What waits to be shown is not shown any more; at full speed it was only to wait for a frame. */
  halt() {
    this.#controller?.abort();
    if (this.#pacer.pace === 'full') this.#pacer.flush();
    else this.#pacer.drop();
  }

  #start() {
    this.#controller = new AbortController();
    return this.#controller;
  }

  /** @param {import('../../web/index.ts').Generation | null} generation null: the text ends with what it has */
  async #follow(branch, generation, reading) {
    const { signal } = this.#controller;
    this.#attention.wait();
    this.#figures.begin(branch.tokens.length);
    try {
      if (generation !== null) {
        const [figures, pacer, paceControl] = [this.#figures, this.#pacer, this.#paceControl];
        Object.assign(branch, await follow(generation, { figures, pacer, paceControl, signal, reading }));
      }
      const length = this.#story.promptLength + branch.tokens.length;
      if (branch.session.length > length) await branch.session.truncate(length);
    } catch (error) {
      this.#figures.fail();
      throw error;
    } finally {
      this.#controller = null;
      this.#sheet.end();
    }
    this.#announce(`Done: ${branch.tokens.length} tokens, ${this.#showFigures(branch)}.`);
    this.#look();
    await this.#memory.measure();
    this.#showMemory();
  }

  /** @param {import('../../web/index.ts').Piece[]} pieces whose time has come */
  #show(pieces) {
    const { tokens } = this.#story.selected;
    const from = tokens.length;
    for (const piece of pieces) this.#story.selected.add(piece, this.#model.info.eosTokenIds);
    this.#sheet.add(tokens, from, { isFresh: this.#pacer.pace !== 'full' });
    this.#showMemory();
  }

  /** Shows the next word where it waits to be asked for; gives whether there is one. */
  #step() {
    if (this.#pacer.pace !== 'step' || this.#pacer.nWaiting === 0) return false;
    this.#sheet.follow();
    this.#pacer.next();
    this.#paceControl.show(this.#figures.speed);
    this.#sheet.dock();
    this.#sheet.say();
    return true;
  }

  #showBranch(dropped = null) {
    this.#sheet.show(this.#story.selected.tokens, this.#story.options);
    this.#showMemory();
    this.#showTree(
      dropped === null
        ? ''
        : `${MOST_BRANCHES} texts are kept: the one with “${this.#sheet.wordOf(dropped.tokens[dropped.from])}” was let go.`,
    );
  }

  #showTree(words = '') {
    this.#tree.show(this.#story, ({ tokens }, index) => this.#sheet.wordOf(tokens[index]));
    this.#tree.say(words);
  }

  #showMemory() {
    this.#memory.show(this.#story.selected.tokens.length, this.#story.branches.length);
  }

  /** The figures of a branch that has ended; gives why it did, in words. */
  #showFigures({ result, readMs, tokens }) {
    const usage = { ...result.usage, completionTokens: tokens.length };
    return this.#figures.end({ ...result, usage }, readMs);
  }

  #look() {
    const { index } = this.#sheet;
    if (this.#story === null || index === null || this.#controller !== null) return;
    const { promptLength, selected } = this.#story;
    void this.#attention.look({ session: selected.session, position: promptLength + index, promptLength });
  }
}
