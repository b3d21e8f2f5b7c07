/** Finds the first of some markers in a text, and how much of its end may be the beginning of one. */
export class Markers {
  readonly #markers: readonly string[];
  readonly #pattern: RegExp | null;
  readonly #maxLength: number;

  constructor(markers: readonly string[]) {
    this.#markers = [...markers].sort((a, b) => b.length - a.length);
    const sources = this.#markers.map((marker) => marker.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    this.#pattern = sources.length === 0 ? null : new RegExp(sources.join('|'), 'g');
    this.#maxLength = this.#markers[0]?.length ?? 0;
  }

  /** The first from some place on; the longest of those that begin there. */
  find(text: string, from: number): { marker: string; at: number } | null {
    if (this.#pattern === null) return null;
    this.#pattern.lastIndex = from;
    const match = this.#pattern.exec(text);
    return match === null ? null : { marker: match[0], at: match.index };
  }

  /** Whether some marker begins with it. */
  isStart(text: string): boolean {
    return this.#markers.some((marker) => marker.startsWith(text));
  }

  /** Length of the longest end of the text that some marker begins with and that is not all of it. */
  partialLength(text: string, from: number): number {
    for (let length = Math.min(this.#maxLength - 1, text.length - from); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#markers.some((marker) => marker.length > length && marker.startsWith(end))) return length;
    }
    return 0;
  }
}
