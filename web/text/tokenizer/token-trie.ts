/** Strings by their beginnings. A node is a number, the root is 0. */
export class TokenTrie {
  readonly #edges = new Map<number, number>(); // from node and UTF-16 unit to node
  readonly #values: number[] = [-1];

  /** @param value Not negative. It takes the place of an earlier one for the same text. */
  add(text: string, value: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const key = edgeKey(node, text.charCodeAt(i));
      let child = this.#edges.get(key);
      if (child === undefined) {
        child = this.#values.push(-1) - 1;
        this.#edges.set(key, child);
      }
      node = child;
    }
    this.#values[node] = value;
  }

  /** The node behind one more UTF-16 unit, or -1. */
  step(node: number, unit: number): number {
    return this.#edges.get(edgeKey(node, unit)) ?? -1;
  }

  /** What was added with the text that leads to a node, or -1. */
  valueAt(node: number): number {
    return this.#values[node] as number;
  }
}

function edgeKey(node: number, unit: number): number {
  return node * 0x10000 + unit;
}
