import { quoted } from '../../base/quoted.js';
import { damaged, type MetadataReader } from './metadata-reader.js';

/**
 * `tokenizer.ggml.merges`, each two tokens with a space between: for each three ids, of its two tokens and of what they become.
 *
 * @param vocab Tokens by id; null is none.
 * @throws SottoError 'bad-file' for a merge of, or to, what is no token.
 */
export function mergesOf(reader: MetadataReader, vocab: readonly (string | null)[]): Int32Array {
  const merges = reader.texts('merges');
  const ids = new Map<string, number>();
  vocab.forEach((token, id) => {
    if (token !== null) ids.set(token, id);
  });
  const triples = new Int32Array(3 * merges.length);
  merges.forEach((merge, rank) => {
    // A token may be a space itself.
    const space = merge.indexOf(' ', 1);
    if (space < 0 || space === merge.length - 1) {
      throw damaged(
        `tokenizer.ggml.merges[${rank}] is ${quoted(merge)}, and should be two tokens with a space between`,
      );
    }
    const [first, second] = [merge.slice(0, space), merge.slice(space + 1)];
    const idOf = (token: string): number => {
      const id = ids.get(token);
      if (id !== undefined) return id;
      throw damaged(
        `tokenizer.ggml.merges[${rank}], ${quoted(merge)}, needs the token ${quoted(token)}, which is not in tokenizer.ggml.tokens`,
      );
    };
    triples[3 * rank] = idOf(first);
    triples[3 * rank + 1] = idOf(second);
    triples[3 * rank + 2] = idOf(first + second);
  });
  return triples;
}
