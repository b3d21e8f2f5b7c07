import type { JsonObject } from '../../base/json.js';
import { SequenceDecoder } from '../../vendor/tokenizers.js';
import { makePattern, replaceAll } from './file-pattern.js';
import { damaged, flattenSequence, type JsonPart, typeOf } from './json-part.js';
import { STEPS_TO_MAKE_WORD, STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';

/** A step of making text of tokens. */
export type Decoder = (tokens: string[], budget: StepBudget) => string[];

const plain = (part: JsonPart) => ofLibrary({ type: part.get('type') });

const DECODERS: ReadonlyMap<string, (part: JsonPart) => Decoder> = new Map([
  ['ByteLevel', plain],
  [
    'WordPiece',
    (part) =>
      ofLibrary({
        type: 'WordPiece',
        prefix: part.text('prefix', ''),
        cleanup: part.flag('cleanup', false),
      }),
  ],
  [
    'Metaspace',
    (part) => {
      const replacement = part.text('replacement', '\u2581');
      const prefix = part.choice('prepend_scheme', ['always', 'first', 'never'], 'always');
      // The library takes the first space away even where none was put before the text.
      if (prefix === 'never') return (tokens) => tokens.map((token) => token.replaceAll(replacement, ' '));
      return ofLibrary({ type: 'Metaspace', replacement });
    },
  ],
  ['BPEDecoder', (part) => ofLibrary({ type: 'BPEDecoder', suffix: part.text('suffix', '') })],
  [
    'CTC',
    (part) =>
      ofLibrary({
        type: 'CTC',
        pad_token: part.text('pad_token', ''),
        word_delimiter_token: part.text('word_delimiter_token', ''),
        cleanup: part.flag('cleanup', false),
      }),
  ],
  [
    'Replace',
    (part) => {
      const pattern = makePattern(part);
      const content = part.text('content', '');
      return (tokens, budget) => tokens.map((token) => replaceAll(pattern, content, token, budget));
    },
  ],
  ['Fuse', plain],
  [
    'Strip',
    (part) =>
      ofLibrary({
        type: 'Strip',
        content: part.text('content', ''),
        start: part.count('start', 0, 0),
        stop: part.count('stop', 0, 0),
      }),
  ],
  ['ByteFallback', () => joinBytes],
]);

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * Makes characters of tokens that stand for bytes, `<0xE2>`; each byte of a row of them that is no UTF-8 becomes U+FFFD, as in
 * the Rust library `tokenizers`. The other library takes U+FEFF for a mark and leaves it out.
 */
function joinBytes(tokens: string[]): string[] {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const parts: string[] = [];
  let bytes: number[] = [];
  const endRow = () => {
    if (bytes.length === 0) return;
    try {
      parts.push(utf8.decode(Uint8Array.from(bytes)));
    } catch {
      parts.push('\uFFFD'.repeat(bytes.length));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = BYTE_TOKEN.exec(token)?.[1];
    if (byte !== undefined) {
      bytes.push(Number.parseInt(byte, 16));
      continue;
    }
    endRow();
    parts.push(token);
  }
  endRow();
  return parts;
}

/** The steps of tokenizer.json's decoder. */
export function makeDecoders(json: unknown): Decoder[] {
  return flattenSequence(json, 'decoder', 'decoders').map((part) => typeOf(part, DECODERS)(part));
}

/** The text of tokens. */
export function decodeTokens(decoders: readonly Decoder[], tokens: string[], budget: StepBudget): string {
  let parts = tokens;
  for (const decoder of decoders) {
    parts = decoder(parts, budget);
    const length = lengthOf(parts);
    budget.spend(STEPS_TO_TOUCH * length + STEPS_TO_MAKE_WORD * parts.length);
    budget.checkLength(length);
  }
  return parts.join('');
}

/** Of all strings together. */
export function lengthOf(parts: readonly string[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}

function ofLibrary(config: JsonObject): Decoder {
  const [decoder] = new SequenceDecoder({ decoders: [config] }).decoders;
  if (!decoder) throw damaged(`decoder has a step that does nothing, ${String(config.type)}`);
  return (tokens) => decoder.decode_chain(tokens);
}
