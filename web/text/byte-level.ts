/**
 * Byte-level tokenizers, GPT-2's and its heirs', write every byte of a text as one printable character, so that
 * their vocabulary is text. This is that alphabet, from the character back to the byte: printable bytes stand for
 * themselves, the others are numbered from U+0100 on ("Language Models are Unsupervised Multitask Learners", code).
 */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = makeAlphabet();

function makeAlphabet(): Map<string, number> {
  const byteOfCharacter = new Map<string, number>();
  let nUnprintable = 0;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    byteOfCharacter.set(String.fromCharCode(isPrintable ? byte : 0x100 + nUnprintable++), byte);
  }
  return byteOfCharacter;
}

const CHARACTER_OF_BYTE: readonly string[] = makeCharacters();

function makeCharacters(): string[] {
  const characters: string[] = [];
  for (const [character, byte] of BYTE_OF_CHARACTER) characters[byte] = character;
  return characters;
}

const utf8 = new TextEncoder();

/** Used again and again: memory of its own for each word would take longer than the word. */
const shortWord = new Uint8Array(256);

/** What most words are, and stay but for the space, which is Ġ in that alphabet. */
const ASCII_WORD = /^ ?[!-~]*$/;

/** A text's bytes in that alphabet. */
export function byteCharacters(text: string): string {
  if (ASCII_WORD.test(text)) return text.startsWith(' ') ? `\u0120${text.slice(1)}` : text;
  const isShort = 3 * text.length <= shortWord.length;
  const bytes = isShort ? shortWord : utf8.encode(text);
  const nBytes = isShort ? utf8.encodeInto(text, shortWord).written : bytes.length;
  let characters = '';
  for (let i = 0; i < nBytes; i++) characters += CHARACTER_OF_BYTE[bytes[i] as number] as string;
  return characters;
}

/** The bytes that a token of a byte-level vocabulary stands for; those of its text when it is none of that alphabet. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charAt(i));
    if (byte === undefined) return utf8.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

/**
 * How GPT-2 splits a text before it looks for tokens. The reference means Unicode's White_Space where JavaScript's
 * `\s` has U+FEFF more and U+0085 less; with `\s`, texts that hold these get other ids.
 */
export const BYTE_LEVEL_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
