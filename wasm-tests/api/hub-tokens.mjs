/** The name of the models on the hub of the tests. */
export const ID = 'owner/tiny';

/** What a model says: its greedy tokens, and how likely it takes them to be, which hardly two weights leave alike. */
export async function tokensOf(model) {
  const options = { maxNewTokens: 6, temperature: 0, logprobs: 1 };
  const { logprobs } = await model.generate([1, 2, 3], options).result;
  return logprobs.map(({ tokenId, logprob }) => `${tokenId} ${logprob}`);
}
