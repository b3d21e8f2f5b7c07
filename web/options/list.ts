/** No list that we take is longer: what claims to be is none. */
const MOST_ITEMS = 2 ** 24;

/** Whether it is an array, a typed array, or like one. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && lengthOf(value) !== null;
}

/**
 * Copies a list, each item as `check` gives it; null when it is no list. All is read once: arrays can have holes, getters,
 * iterators of their own, and change between two looks.
 */
export function mapList<T>(value: unknown, check: (item: unknown, index: number) => T): T[] | null {
  if (typeof value !== 'object' || value === null) return null;
  const length = lengthOf(value);
  if (length === null) return null;
  const copy: T[] = [];
  for (let index = 0; index < length; index++) copy.push(check((value as ArrayLike<unknown>)[index], index));
  return copy;
}

function lengthOf(value: object): number | null {
  if (!('length' in value)) return null;
  const { length } = value;
  if (typeof length !== 'number' || !Number.isInteger(length)) return null;
  return length >= 0 && length <= MOST_ITEMS ? length : null;
}
