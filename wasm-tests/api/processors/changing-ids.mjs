/** Writes to the ids that it is given, and freezes them. */
export default function changingIds(_logits, tokenIds) {
  tokenIds.length = 0;
  tokenIds.push(1e9, -1);
  Object.freeze(tokenIds);
}
