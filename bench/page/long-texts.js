// Runs in the page: what the length of a text costs where layers keep a state, through the public API: a token after few and
// after many tokens, and a text whose end was changed after it was read.
import { LanguageModel } from '/sotto/index.js';
import { takeTurns } from './pairs.js';
import { prompt } from './prompts.js';

const CONTEXTS = [64, 4000]; // tokens
const STEPS = 24;
const TEXT = 2000; // tokens of a conversation
const MESSAGE = 60; // tokens of its last message

/** Milliseconds of a step behind each context, in forks of sessions that have read them. @param {{ weights: string, threads: number }} options */
export async function measureContexts(options) {
  const model = await LanguageModel.load('/model/', { ...options, prefixCache: 0 });
  const ways = {};
  for (const context of CONTEXTS) {
    const session = await model.createSession();
    await session.append(prompt(context));
    ways[context] = async () => {
      const fork = await session.fork();
      const { finishReason, timings } = await fork.generate({ maxNewTokens: STEPS + 1, temperature: 0 })
        .result;
      await fork.dispose();
      if (finishReason !== 'length') throw new Error(`ended by ${finishReason}`);
      return timings.decodeMs / STEPS;
    };
  }
  const found = await takeTurns(9, ways);
  await model.dispose();
  return found;
}

/**
 * Seconds to the first token of a text that nothing is known of, and of one of which an earlier text has all but the last
 * message: one that was read at once, and one whose last message came later than the rest. `readAgain`: tokens before the
 * message that are read nevertheless.
 *
 * @param {{ weights: string, threads: number }} options
 */
export async function measureEdits(options) {
  const model = await LanguageModel.load('/model/', options);
  const readAgain = {};
  let variety = 1;
  const read = async (ids) => await model.generate(ids, { maxNewTokens: 1, temperature: 0 }).result;
  const text = (begin, end) => [...prompt(TEXT - MESSAGE, begin), ...prompt(MESSAGE, end)];
  const edit = async (name, begin) => {
    const { timings, usage } = await read(text(begin, variety++));
    readAgain[name] = TEXT - MESSAGE - usage.cachedTokens;
    return timings.timeToFirstTokenMs / 1000;
  };
  const turns = await takeTurns(3, {
    cold: () => edit('cold', variety++),
    'read at once': async () => {
      const begin = variety++;
      await read(text(begin, variety++));
      return edit('read at once', begin);
    },
    'message by message': async () => {
      const begin = variety++;
      await read(prompt(TEXT - MESSAGE, begin));
      await read(text(begin, variety++));
      return edit('message by message', begin);
    },
  });
  await model.dispose();
  return { turns, readAgain };
}
