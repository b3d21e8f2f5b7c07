// Beam and contrastive searches of transformers: wasm-tests/fixtures/README.md describes the file.
import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/search/', import.meta.url);
const reference = JSON.parse(readFileSync(new URL('reference.json', folder), 'utf8'));
const floats = new Float32Array(new Uint8Array(readFileSync(new URL('reference.bin', folder))).buffer);

/** Of one model; each: options by their public names, promptIds, and tokenIds and scores of the returned sequences. */
export function beamCases(model) {
  return reference.beamSearch.filter((each) => each.model === model);
}

/** Of one model; each: penaltyAlpha, topK, promptIds, tokenIds, and for some the numbers that they were chosen by. */
export function contrastiveCases(model) {
  return reference.contrastiveSearch.filter((each) => each.model === model);
}

/** The rows of a block. */
export function rowsOf({ offset, rows, columns }) {
  return Array.from({ length: rows }, (_, row) =>
    floats.subarray(offset + row * columns, offset + (row + 1) * columns),
  );
}

/** One case in a line, for messages. */
export function describe({ promptIds, tokenIds, scores, hidden, logits, candidateHidden, ...options }) {
  return `${promptIds.length} ids, ${JSON.stringify(options)}`;
}
