// Where two texts part.

/**
 * How many pieces two texts begin with in common.
 *
 * @param {{ tokenIds: number[] }[]} one
 * @param {{ tokenIds: number[] }[]} other
 */
export function commonPieces(one, other) {
  const most = Math.min(one.length, other.length);
  for (let i = 0; i < most; i++) if (String(one[i].tokenIds) !== String(other[i].tokenIds)) return i;
  return most;
}

/**
 * What to say of it.
 *
 * @param {{ text: string, tokenIds: number[] }[]} one
 * @param {{ text: string, tokenIds: number[] }[]} other
 */
export function partingWords(one, other) {
  const common = commonPieces(one, other);
  if (common === one.length && common === other.length)
    return 'Both settings chose the same words to the end.';
  const after = one.slice(0, common).reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  const where =
    after === 0 ? 'They part at the first token' : `They part after ${after} token${after === 1 ? '' : 's'}`;
  return `${where}: ${nameOf(one[common])} in the first text, ${nameOf(other[common])} in the second.`;
}

function nameOf(piece) {
  if (piece === undefined) return 'the end';
  const { text, tokenIds } = piece;
  if (text.trim() !== '') return `“${text.trim()}”`;
  return text === '' ? `token ${tokenIds[0]}` : text.includes('\n') ? 'a new line' : 'a space';
}
