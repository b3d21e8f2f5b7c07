import { quoted } from '../../base/quoted.js';
import { damaged, type MetadataReader } from './metadata-reader.js';
import { TokenIndex } from './token-index.js';

/**
 * `tokenizer.ggml.merges`, each two tokens with a space between: for each three ids, of its two tokens and of what they become.
 *
 * @param vocab Tokens by id; null is none.
 * @throws SottoError 'bad-file' for a merge of, or to, what is no token.
 */
export function mergesOf(reader: MetadataReader, vocab: readonly (string | null)[]): Int32Array {
  const merges = reader.texts('merges');
  const index = new TokenIndex(vocab);
  const triples = new Int32Array(3 * merges.length);
  for (let rank = 0; rank < merges.length; rank++) {
    const merge = merges[rank] as string;
    const space = merge.indexOf(' ', 1); // a token may be a space itself
    const end = merge.length;
    if (space < 0 || space === end - 1) {
      throw damaged(
        `tokenizer.ggml.merges[${rank}] is ${quoted(merge)}, and should be two tokens with a space between`,
      );
    }
    const first = index.find(merge, 0, space);
    const second = index.find(merge, space + 1, end);
    const merged = index.find(merge, 0, space, space + 1, end);
    if (first < 0 || second < 0 || merged < 0) {
      const parts = [merge.slice(0, space), merge.slice(space + 1)];
      const unknown = first < 0 ? parts[0] : second < 0 ? parts[1] : parts.join('');
      throw damaged(
        `tokenizer.ggml.merges[${rank}], ${quoted(merge)}, needs the token ${quoted(unknown as string)}, which is not in ` +
          'tokenizer.ggml.tokens, or is no text there',
      );
    }
    triples[3 * rank] = first;
    triples[3 * rank + 1] = second;
    triples[3 * rank + 2] = merged;
  }
  return triples;
}
