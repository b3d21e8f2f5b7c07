// What the tests of the demo's Write mode share: the demo with a seed of theirs, and the same story by the library in Node.
import assert from 'node:assert/strict';
import { LanguageModel } from 'sotto';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

export const MODEL = inRepository('demo/models/tiny-stories');
export const PROMPT = 'Once upon a time, there was a little fox named Pip';
export const SEED = 8;

export class StoryBench {
  #browser;
  #server;
  /** The demo's model, in Node. */
  model;

  async open() {
    this.#server = await startServer({ port: 0 });
    this.#browser = await launchBrowser();
    this.model = await LanguageModel.load(MODEL);
  }

  async close() {
    await Promise.all([this.#browser?.close(), this.#server?.close(), this.model?.dispose()]);
  }

  /** Runs `use` on a fresh page as it opens; the page must not have complained at the end. */
  async onPage(use, { hash = '', ...options } = {}) {
    const opened = await openPage(this.#browser, `${this.#server.url}${hash}`, options);
    try {
      await use(new DemoPage(opened.page));
      opened.assertQuiet();
    } finally {
      await opened.close();
    }
  }

  /** The same with the model loaded, nothing being written, and the seed that stays. */
  onDemo(use, options) {
    return this.onPage(async (demo) => {
      await demo.waitForModel();
      await demo.setSeed(SEED);
      await use(demo);
    }, options);
  }

  /** What the page asks for with the settings that it opens with. */
  get settings() {
    const { contextLength, generationDefaults } = this.model.info;
    const { temperature, topK, topP, maxNewTokens } = generationDefaults;
    return { temperature, topK, topP, maxNewTokens: Math.min(maxNewTokens, contextLength - 1), logprobs: 8 };
  }

  /** The same story by the library, as a session that goes on. */
  async write(seed = SEED, model = this.model) {
    const session = await model.createSession();
    await session.append(PROMPT);
    const promptLength = session.length;
    const result = await session.generate({ ...this.settings, seed }).result;
    return { session, promptLength, result };
  }

  /** A token as the page names it alone. */
  async wordOf(id) {
    return this.model.info.eosTokenIds.includes(id) ? '(the end)' : (await this.model.decode([id])).trim();
  }
}

/** A surprise in bits. */
export const bitsOf = ({ logprob }) => Math.max(0, -logprob / Math.LN2);

export function near(actual, expected, tolerance, words) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${words}: ${actual}, not ${expected}`);
}
