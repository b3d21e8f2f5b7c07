const NO_NODE = -1;

/** Strings by their beginnings. A node is a number, the root is 0. The edges are a hash table with open addressing. */
export class TokenTrie {
  #nodes = new Int32Array(1024).fill(NO_NODE); // where an edge begins
  #units = new Uint16Array(1024); // the UTF-16 unit that it takes
  #children = new Int32Array(1024); // where it ends
  readonly #values: number[] = [-1];

  /** @param value Not negative. It takes the place of an earlier one for the same text. */
  add(text: string, value: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const slot = this.#slot(node, unit);
      if (this.#nodes[slot] === NO_NODE) {
        const child = this.#values.push(-1) - 1;
        this.#put(slot, node, unit, child);
        // Half of the table stays free.
        if (child * 2 > this.#nodes.length) this.#grow();
        node = child;
      } else node = this.#children[slot] as number;
    }
    this.#values[node] = value;
  }

  /** The node behind one more UTF-16 unit, or -1. */
  step(node: number, unit: number): number {
    const slot = this.#slot(node, unit);
    return this.#nodes[slot] === NO_NODE ? -1 : (this.#children[slot] as number);
  }

  /** What was added with the text that leads to a node, or -1. */
  valueAt(node: number): number {
    return this.#values[node] as number;
  }

  /** Where the edge is, or the free place for it. */
  #slot(node: number, unit: number): number {
    const mask = this.#nodes.length - 1;
    let slot = Math.imul(Math.imul(node, 0x9e3779b1) ^ unit, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & mask;
    while (this.#nodes[slot] !== NO_NODE && (this.#nodes[slot] !== node || this.#units[slot] !== unit)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #put(slot: number, node: number, unit: number, child: number): void {
    this.#nodes[slot] = node;
    this.#units[slot] = unit;
    this.#children[slot] = child;
  }

  #grow(): void {
    const [nodes, units, children] = [this.#nodes, this.#units, this.#children];
    this.#nodes = new Int32Array(2 * nodes.length).fill(NO_NODE);
    this.#units = new Uint16Array(2 * nodes.length);
    this.#children = new Int32Array(2 * nodes.length);
    nodes.forEach((node, i) => {
      if (node === NO_NODE) return;
      const unit = units[i] as number;
      this.#put(this.#slot(node, unit), node, unit, children[i] as number);
    });
  }
}
