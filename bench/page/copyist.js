// A logits processor that turns any model into one that copies: the text goes on as it did one period before, except for
// every 24th token, which the model chooses. Random weights have nothing of their own to repeat.
export const PERIOD = 48; // tokens of the passage
const DEPARTURE = 24;

export default function copy(logits, ids) {
  if (ids.length % DEPARTURE !== 0) logits[ids.at(-PERIOD)] += 1000;
}
