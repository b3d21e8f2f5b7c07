/** Spoils a logit of the third token of an answer to a prompt of five. */
export default function notANumber(logits, tokenIds) {
  if (tokenIds.length === 7) logits[9] = Number.NaN;
}
