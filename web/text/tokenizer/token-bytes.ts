import { flattenSequence, type JsonPart } from './json-part.js';

/** The bytes of a token in the middle of a text. */
export type TokenBytes = (token: string) => Uint8Array;

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * What a decoder of tokenizer.json makes of each token by itself, or null where it makes the text of several together, or looks at
 * where in a text they stand (but for the beginning).
 */
export function makeTokenBytes(json: unknown): TokenBytes | null {
  const parts = flattenSequence(json, 'decoder', 'decoders');
  if (parts.length === 0) return null; // spaces between tokens
  const replacements: { from: string; to: string }[] = [];
  let hasBytes = false;
  for (const part of parts) {
    const step = stepOf(part);
    if (step === null) return null;
    if (step === 'bytes') hasBytes = true;
    else if (step !== 'nothing') replacements.push(step);
  }
  const utf8 = new TextEncoder();
  return (token) => {
    const byte = hasBytes ? BYTE_TOKEN.exec(token)?.[1] : undefined;
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(replacements.reduce((text, { from, to }) => text.replaceAll(from, to), token));
  };
}

function stepOf(part: JsonPart): 'nothing' | 'bytes' | { from: string; to: string } | null {
  switch (part.get('type')) {
    case 'Fuse':
      return 'nothing';
    case 'ByteFallback':
      return 'bytes';
    case 'Metaspace':
      return { from: part.text('replacement', '\u2581'), to: ' ' };
    case 'Strip':
      return part.count('stop', 0, 0) === 0 ? 'nothing' : null;
    case 'Replace': {
      const pattern = part.get('pattern') as { String?: unknown } | undefined;
      const from = pattern?.String;
      return typeof from === 'string' && from !== '' ? { from, to: part.text('content', '') } : null;
    }
    default:
      return null;
  }
}
