/** Leaves nothing to choose for the third token of an answer to a prompt of five. */
export default function ending(logits, tokenIds) {
  if (tokenIds.length === 7) logits.fill(Number.NEGATIVE_INFINITY);
}
