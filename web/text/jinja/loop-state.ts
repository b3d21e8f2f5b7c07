import { fail, step } from './budget.js';
import {
  Callable,
  equal,
  given,
  integerOf,
  iterate,
  type Loop,
  LoopValue,
  Undefined,
  type Value,
} from './values.js';

/** A loop's place, which `loop` tells: items are tested when they are reached. */
export class LoopState implements Loop {
  readonly value = new LoopValue(this);
  readonly call: Callable['call'];
  readonly #source: readonly Value[];
  readonly #passes: (item: Value) => boolean;
  readonly #depth: number;
  #at = 0;
  /** Items that were tested and not reached. */
  readonly #ahead: Value[] = [];
  #index = -1;
  #length: number | undefined;
  #previous: Value | undefined;
  #current: Value | undefined;
  #lastSeen: readonly Value[] | undefined;

  /** @param call What calling `loop` does. */
  constructor(over: Value, passes: (item: Value) => boolean, depth: number, call: Callable['call']) {
    this.#source = iterate(over);
    this.#passes = passes;
    this.#depth = depth;
    this.call = call;
  }

  next(): Value | undefined {
    step();
    const next = this.#peek();
    this.#ahead.shift();
    if (next === undefined) return undefined;
    this.#index++;
    this.#previous = this.#current;
    this.#current = next;
    return next;
  }

  #peek(): Value | undefined {
    if (this.#ahead.length === 0) this.#test();
    return this.#ahead[0];
  }

  #test(): boolean {
    while (this.#at < this.#source.length) {
      const item = this.#source[this.#at++] as Value;
      if (!this.#passes(item)) continue;
      this.#ahead.push(item);
      return true;
    }
    return false;
  }

  get #total(): number {
    if (this.#length === undefined) {
      while (this.#test()) step();
      this.#length = this.#index + 1 + this.#ahead.length;
    }
    return this.#length;
  }

  member(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return this.#index + 1;
      case 'index0':
        return this.#index;
      case 'first':
        return this.#index === 0;
      case 'last':
        return this.#peek() === undefined;
      case 'length':
        return this.#total;
      case 'revindex':
        return this.#total - this.#index;
      case 'revindex0':
        return this.#total - this.#index - 1;
      case 'previtem':
        return given(this.#previous, new Undefined('there is no previous item'));
      case 'nextitem':
        return given(this.#peek(), new Undefined('there is no next item'));
      case 'depth':
        return this.#depth + 1;
      case 'depth0':
        return this.#depth;
      case 'cycle':
        return new Callable(name, (items) => {
          if (items.length === 0) fail('cycle() needs items');
          return items[integerOf(this.#index, 'the index') % items.length] as Value;
        });
      case 'changed':
        return new Callable(name, (items) => this.#changed(items));
      default:
        return undefined;
    }
  }

  #changed(items: readonly Value[]): boolean {
    const last = this.#lastSeen;
    const isSame =
      last !== undefined &&
      last.length === items.length &&
      items.every((item, i) => equal(item, last[i] as Value));
    if (!isSame) this.#lastSeen = items;
    return !isSame;
  }
}
