import { badOption, readGiven } from '../options/option-checks.js';
import type { Status } from '../wasm/plain.js';
import type { EngineObject, Handle } from './instance.js';

/** What a mask is written into, for the choice that comes next. */
interface Masked extends EngineObject {
  beginMask(nWords: number): Status;
  maskWords(): Uint32Array;
}

/**
 * Copies a mask into the engine: a bit for each token of the vocabulary, 32 in a word, the lowest first.
 *
 * @throws SottoError 'bad-option', 'out-of-memory'
 */
export function writeMask(handle: Handle<Masked>, words: Uint32Array): void {
  const isArray = readGiven('mask', () => words instanceof Uint32Array);
  if (!isArray) throw badOption('mask', words, 'a Uint32Array with a bit for each token of the vocabulary');
  handle.check((object) => object.beginMask(words.length));
  handle.call((object) => object.maskWords()).set(words);
}
