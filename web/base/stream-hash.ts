/**
 * A hash of a stream of bytes, the same however it is cut: the rounds of xxHash32
 * (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) over every second word of 32 bits, twice with different
 * constants, so that 64 bits depend on each word. It tells apart what differs by chance; it is no proof against what is made
 * to collide.
 */
export class StreamHash {
  #nBytes = 0;
  /** Of even words, of odd ones; and of both again. */
  readonly #lanes = Int32Array.of(1, 2, 3, 4);
  /** The last bytes, as long as they are no pair of words. */
  readonly #rest = new Uint8Array(PAIR_BYTES);

  add(bytes: Uint8Array): void {
    const inRest = this.#nBytes % PAIR_BYTES;
    const begin = inRest === 0 ? 0 : Math.min(PAIR_BYTES - inRest, bytes.byteLength);
    this.#rest.set(bytes.subarray(0, begin), inRest);
    if (begin > 0 && inRest + begin === PAIR_BYTES) addPairs(this.#lanes, this.#rest);
    const end = bytes.byteLength - ((bytes.byteLength - begin) % PAIR_BYTES);
    addPairs(this.#lanes, bytes.subarray(begin, end));
    this.#rest.set(bytes.subarray(end));
    this.#nBytes += bytes.byteLength;
  }

  /** Of all that came. */
  get digest(): string {
    return [...this.#lanes, ...this.#end()].join(' ');
  }

  /** The same in 64 bits, for what is kept. */
  get words(): readonly [number, number] {
    const [even = 0, odd = 0, evenAgain = 0, oddAgain = 0] = this.#lanes;
    let [first, second] = [even, evenAgain];
    for (const word of [odd, oddAgain, ...this.#end()]) {
      first = roundOfFirst(first, word);
      second = roundOfSecond(second, word);
    }
    return [avalanche(first), avalanche(second)];
  }

  /** What is left over, with zeros behind it, and how long all of it was. */
  #end(): number[] {
    const rest = new Uint8Array(PAIR_BYTES);
    rest.set(this.#rest.subarray(0, this.#nBytes % PAIR_BYTES));
    const view = new DataView(rest.buffer);
    return [view.getInt32(0, true), view.getInt32(4, true), this.#nBytes];
  }
}

const PAIR_BYTES = 8;

/** Plain numbers in a function of its own: fields of a class would cost four fifths of the speed. */
function addPairs(lanes: Int32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let even = lanes[0] as number;
  let odd = lanes[1] as number;
  let evenAgain = lanes[2] as number;
  let oddAgain = lanes[3] as number;
  const { byteLength } = bytes;
  for (let at = 0; at < byteLength; at += PAIR_BYTES) {
    const first = view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    even = roundOfFirst(even, first);
    odd = roundOfFirst(odd, second);
    evenAgain = roundOfSecond(evenAgain, first);
    oddAgain = roundOfSecond(oddAgain, second);
  }
  lanes[0] = even;
  lanes[1] = odd;
  lanes[2] = evenAgain;
  lanes[3] = oddAgain;
}

function roundOfFirst(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, 0x85eb_ca77)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), 0x9e37_79b1);
}

function roundOfSecond(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, 0xc2b2_ae3d)) | 0;
  return Math.imul((sum << 17) | (sum >>> 15), 0x27d4_eb2f);
}

/** xxHash32's last step: every bit depends on every bit. */
function avalanche(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca77);
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2_ae3d);
  return (whole ^ (whole >>> 16)) >>> 0;
}
