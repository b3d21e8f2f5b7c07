// Runs a beam search on the page's model, and hears of every text that competes.

import { Contest } from './contest.js';

export const MOST_BEAMS = 6;

/**
 * @param {import('../../web/index.ts').LanguageModel} model
 * @param {string | number[]} prompt
 * @param {{ numBeams: number, maxNewTokens: number, signal: AbortSignal, onStep(nSteps: number): void }} wishes
 * @returns {Promise<{ contest: Contest, sequences: object[] }>} the texts at the end, the best first
 */
export async function runContest(model, prompt, { numBeams, maxNewTokens, signal, onStep }) {
  const promptIds = typeof prompt === 'string' ? await model.encode(prompt) : prompt;
  const contest = new Contest({
    nBeams: numBeams,
    maxTokens: maxNewTokens,
    endTokens: model.info.eosTokenIds,
    promptLength: promptIds.length,
  });
  const channel = new BroadcastChannel('sotto-contest');
  let own = null; // the name of this model's watcher
  const allTold = new Promise((resolve) => {
    channel.onmessage = ({ data }) => {
      if (data.tokenIds !== undefined) own ??= isSame(data.tokenIds, promptIds) ? data.watcher : null;
      if (data.isAsking || data.watcher !== own) return;
      if (data.isAllTold) return resolve();
      contest.tell(data);
      onStep(contest.steps.length);
    };
  });
  try {
    const options = { numBeams, numReturnSequences: numBeams, maxNewTokens, signal };
    const logitsProcessor = new URL('watch-beams.js', import.meta.url);
    const { sequences } = await model.generate(prompt, { ...options, logitsProcessor }).result;
    channel.postMessage({ isAsking: true });
    await allTold;
    contest.close();
    if (!contest.has(sequences[0].tokenIds)) throw new Error('The contest was not followed to its end.');
    return { contest, sequences };
  } finally {
    channel.close();
  }
}

const isSame = (ids, others) => ids.length === others.length && ids.every((id, i) => id === others[i]);

/**
 * What always taking the likeliest token writes.
 *
 * @returns {Promise<{ text: string, tokenIds: number[], score: number }>}
 */
export async function runGreedy(model, prompt, { maxNewTokens, signal }) {
  const options = { temperature: 0, numBeams: 1, logprobs: 0, maxNewTokens, signal };
  const { text, tokenIds, logprobs } = await model.generate(prompt, options).result;
  const sum = logprobs.reduce((all, { logprob }) => all + logprob, 0);
  return { text, tokenIds, score: sum / tokenIds.length };
}
