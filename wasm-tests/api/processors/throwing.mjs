/** Throws at the third token of an answer to a prompt of five. */
export default function throwing(_logits, tokenIds) {
  if (tokenIds.length === 7) throw new RangeError('the third token is too much');
}
