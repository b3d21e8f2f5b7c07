import type { Metadata } from '../base/metadata.js';

/** SEAM */
export function readGgufVocabulary(_metadata: Metadata): { json: unknown; config: unknown } | null {
  return null;
}
