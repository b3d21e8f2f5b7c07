// Chat: a conversation with the model, whose messages can be edited and answered anew.

import { Figures } from '../parts/figures.js';
import { follow } from '../parts/follow.js';
import { count, rate } from '../parts/format.js';
import { isSendKey } from '../parts/send-key.js';
import { Conversation } from './conversation.js';
import { Transcript } from './transcript.js';

export class ChatMode {
  #page;
  #form = document.querySelector('#chat-actions');
  #box = document.querySelector('#message');
  #system = document.querySelector('#system-prompt');
  #sendButton = document.querySelector('#send');
  #stopButton = document.querySelector('#chat-stop');
  #newButton = document.querySelector('#new-chat');
  #figures = new Figures('chat-figure');
  #transcript;
  #conversation = new Conversation();
  #model = null;
  /** What keeps the keys and values of the conversation that was last answered; null until one is. */
  #session = null;
  #isLoading = false;
  #generation = null;
  /** The answer that is under way, to its end, or null. */
  #answering = null;
  #isStopped = false;

  /** @param {import('../modes.js').Page} page */
  constructor(page) {
    this.#page = page;
    this.#transcript = new Transcript({
      onEdit: (node, text) => this.#edit(node, text),
      onRegenerate: (node) => this.#begin(node.parent),
      onTurn: (node, step) => {
        this.#conversation.turn(node, step);
        this.#showAll();
      },
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.start();
    });
    this.#box.addEventListener('keydown', (event) => {
      if (!isSendKey(event)) return;
      event.preventDefault();
      this.start();
    });
    this.#newButton.addEventListener('click', () => this.#beginAnew());
    this.#showAll();
  }

  get stopButton() {
    return this.#stopButton;
  }

  get problemHome() {
    return this.#form;
  }

  setModel(model, _choice, isSame) {
    this.#model = model;
    this.#session = null;
    if (!isSame) this.#conversation = new Conversation();
    if (!isSame) this.#figures.clear();
    this.#showAll();
  }

  setLoading(isLoading) {
    this.#isLoading = isLoading;
    this.#showState();
  }

  /** Sends what stands in the box. */
  start() {
    const text = this.#box.value.trim();
    if (!this.#canAnswer || text === '') return;
    const question = this.#conversation.add(this.#conversation.last, { role: 'user', content: text });
    this.#box.value = '';
    this.#begin(question, () => {
      if (this.#box.value === '') this.#box.value = text;
    });
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    if (this.#answering === null) return false;
    this.#isStopped = true;
    this.#generation?.abort();
    return true;
  }

  /** Gives up what is being written; resolves when the model is free. */
  async end() {
    this.stop();
    await this.#answering;
  }

  get #canAnswer() {
    return this.#model !== null && !this.#isLoading && this.#answering === null;
  }

  #edit(node, text) {
    if (!this.#canAnswer) return;
    const question = this.#conversation.add(node.parent, { ...node.message, content: text });
    this.#begin(question, () => this.#transcript.edit(node, text));
    this.#box.focus();
  }

  #beginAnew() {
    if (this.#answering !== null) return;
    this.#conversation = new Conversation();
    this.#figures.clear();
    this.#page.problems.clear();
    this.#showAll();
    this.#box.focus();
  }

  /**
   * Answers a question.
   *
   * @param {() => void} [takeBack] puts a new question back where it was written; it is called where no answer came
   */
  #begin(question, takeBack) {
    if (!this.#canAnswer) return;
    this.#isStopped = false;
    this.#page.problems.clear();
    const answering = this.#answer(question).then((isAnswered) => {
      this.#answering = null;
      this.#generation = null;
      if (!isAnswered && takeBack !== undefined) this.#conversation.remove(question);
      this.#showAll();
      if (!isAnswered) takeBack?.();
    });
    this.#answering = answering;
    this.#showState();
  }

  /** @returns {Promise<boolean>} whether there is an answer, or a part of one */
  async #answer(question) {
    const { announce, controls, fail } = this.#page;
    const view = this.#transcript.begin(this.#conversation, question);
    announce('Answering.');
    try {
      const options = controls.read();
      this.#session ??= await this.#model.createSession();
      // What it has read stays read as far as the messages are the same.
      await this.#session.setMessages(this.#messagesTo(question));
      if (this.#isStopped) return false;
      this.#generation = this.#session.chat([], options);
      const result = await follow(this.#generation, { figures: this.#figures, view, announce });
      const { message } = result;
      const isEmpty = !message || Object.keys(message).every((key) => key === 'role' || message[key] === '');
      if (result.finishReason === 'aborted' && isEmpty) return false;
      this.#conversation.add(question, message).note = noteOf(result);
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }

  #messagesTo(question) {
    const system = this.#system.value.trim();
    const messages = this.#conversation.messagesTo(question);
    return system === '' ? messages : [{ role: 'system', content: system }, ...messages];
  }

  #showAll() {
    this.#transcript.show(this.#conversation);
    this.#showState();
  }

  #showState() {
    const isBusy = this.#answering !== null;
    this.#sendButton.setAttribute('aria-disabled', String(!this.#canAnswer));
    this.#stopButton.setAttribute('aria-disabled', String(!isBusy));
    this.#newButton.setAttribute('aria-disabled', String(isBusy));
    this.#transcript.setBusy(isBusy);
  }
}

/** What an answer took, in words. */
function noteOf({ usage, timings, finishReason }) {
  return [
    `${count(usage.completionTokens)} token${usage.completionTokens === 1 ? '' : 's'}`,
    timings.tokensPerSecond > 0 && rate(timings.tokensPerSecond),
    usage.cachedTokens > 0 && `${count(usage.cachedTokens)} tokens from the cache`,
    finishReason === 'aborted' && 'stopped',
    finishReason === 'context-full' && 'the context is full',
  ]
    .filter(Boolean)
    .join(' · ');
}
