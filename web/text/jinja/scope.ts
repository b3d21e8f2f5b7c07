import { step } from './budget.js';
import type { Value } from './values.js';

/** Names and their values; blocks see those around them. */
export class Scope {
  readonly #values: Map<string, Value>;
  readonly #outer: Scope | null;

  constructor(outer: Scope | null, values = new Map<string, Value>()) {
    this.#outer = outer;
    this.#values = values;
  }

  get(name: string): Value | undefined {
    let scope: Scope | null = this;
    while (scope !== null) {
      const value = scope.#values.get(name);
      if (value !== undefined) return value;
      scope = scope.#outer;
    }
    return undefined;
  }

  set(name: string, value: Value): void {
    step();
    this.#values.set(name, value);
  }
}
