// Runs in the page: what the length of a text costs where layers keep a state, through the public API: a token after few and
// after many tokens, and a text whose end was changed after it was read.
import { LanguageModel } from '/sotto/index.js';
import { median, takeTurns } from './pairs.js';
import { prompt } from './prompts.js';

const CONTEXTS = [64, 4000]; // tokens
const STEPS = 24;
const TEXT = 2000; // tokens of a conversation
const MESSAGE = 60; // tokens of its last message
const EDIT_ROUNDS = 3;

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
 * The first token of a text that nothing is known of, and of texts of which an earlier one has all but the last message: one
 * that was read at once, and one whose last message came later than the rest.
 *
 * @param {{ weights: string, threads: number }} options
 * @returns {Promise<Record<string, { seconds: number, ratio: number, readAgain: number }>>} medians over the rounds; `ratio`: to the
 *   first one in the same round; `readAgain`: tokens before the last message that are read nevertheless
 */
export async function measureEdits(options) {
  const model = await LanguageModel.load('/model/', options);
  const read = async (ids) => await model.generate(ids, { maxNewTokens: 1, temperature: 0 }).result;
  let variety = 1;
  const text = (begin) => [...prompt(TEXT - MESSAGE, begin), ...prompt(MESSAGE, variety++)];
  const measure = async (begin) => {
    const { timings, usage } = await read(text(begin));
    return { seconds: timings.timeToFirstTokenMs / 1000, readAgain: TEXT - MESSAGE - usage.cachedTokens };
  };
  await read(prompt(MESSAGE)); // the compiler settles
  const runs = { cold: [], 'read at once': [], 'message by message': [] };
  for (let round = 0; round < EDIT_ROUNDS; round++) {
    const begin = variety++;
    runs.cold.push(await measure(begin));
    runs['read at once'].push(await measure(begin));
    const other = variety++;
    await read(prompt(TEXT - MESSAGE, other));
    await read(text(other));
    runs['message by message'].push(await measure(other));
  }
  await model.dispose();
  const summary = (of) => ({
    seconds: median(of.map(({ seconds }) => seconds)),
    ratio: median(of.map(({ seconds }, round) => seconds / runs.cold[round].seconds)),
    readAgain: median(of.map(({ readAgain }) => readAgain)),
  });
  return Object.fromEntries(Object.entries(runs).map(([name, of]) => [name, summary(of)]));
}
