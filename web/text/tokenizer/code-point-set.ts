const PAGE_BITS = 8;
const PAGE_SIZE = 1 << PAGE_BITS;
const N_PAGES = 0x110000 >> PAGE_BITS;

const IN = 1;
const OUT = 2;

/** A set of code points, as a RegExp writes it. What has been asked once is known. */
export class CodePointSet {
  readonly #single: number; // the only member, or -1
  readonly #expression: RegExp;
  readonly #pages: (Uint8Array | null)[] = [];

  /** @param source What takes one code point in a RegExp with the flag u: `a`, `\p{L}`, `[^a-z]`. */
  constructor(source: string) {
    const first = source.codePointAt(0) as number;
    const isLiteral = source !== '.' && source === String.fromCodePoint(first);
    this.#single = isLiteral ? first : -1;
    this.#expression = new RegExp(`^${source}$`, 'u');
    if (!isLiteral) this.#pages = new Array(N_PAGES).fill(null);
  }

  has(codePoint: number): boolean {
    if (this.#single >= 0) return codePoint === this.#single;
    const index = codePoint >> PAGE_BITS;
    const page = this.#pages[index] ?? new Uint8Array(PAGE_SIZE);
    this.#pages[index] = page;
    const known = page[codePoint & (PAGE_SIZE - 1)];
    if (known !== 0) return known === IN;
    const isIn = this.#expression.test(String.fromCodePoint(codePoint));
    page[codePoint & (PAGE_SIZE - 1)] = isIn ? IN : OUT;
    return isIn;
  }
}
