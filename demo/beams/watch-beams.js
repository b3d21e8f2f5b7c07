// Runs beside the engine: tells the page of each text that competes, when the model has said what may follow it.
// Changes nothing. Other tabs hear it, too: each watcher has a name, by which the page knows its own.

/** As many as can matter: six texts, each with ways to go on beside up to seven tokens that end a text. */
const MOST = 48;

const watcher = crypto.getRandomValues(new Uint32Array(2)).join('-');
const channel = new BroadcastChannel('sotto-contest');

// A page asks whether all is told: what was told before comes before the answer.
channel.onmessage = ({ data }) => {
  if (data.isAsking) channel.postMessage({ watcher, isAllTold: true });
};

/**
 * @param {Float32Array} logprobs of each token, as what follows
 * @param {readonly number[]} tokenIds of the prompt and the text so far
 */
export default function watch(logprobs, tokenIds) {
  channel.postMessage({ watcher, tokenIds, likeliest: likeliest(logprobs) });
}

/** The largest, the largest first; of equal ones the lower token first. */
function likeliest(logprobs) {
  const best = [];
  for (let tokenId = 0; tokenId < logprobs.length; tokenId++) {
    const logprob = logprobs[tokenId];
    if (best.length === MOST && !(logprob > best[MOST - 1].logprob)) continue;
    const place = best.findIndex((other) => logprob > other.logprob);
    best.splice(place < 0 ? best.length : place, 0, { tokenId, logprob });
    if (best.length > MOST) best.pop();
  }
  return best;
}
