import type { TapName } from '../results/session-values.js';
import { oneOf } from './option-checks.js';
import { readList } from './token-ids.js';

/** @throws SottoError 'bad-option' */
export function checkTaps(names: unknown): TapName[] {
  const list = readList(names, 'tap', "an array of 'hidden' and 'attention'");
  return list.map((name) => oneOf<TapName>(['hidden', 'attention'])(name, 'tap'));
}
