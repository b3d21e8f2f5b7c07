/**
 * A hash of 64 bits of a stream of bytes, the same however it is cut: two of MurmurHash3's 32-bit loops with different
 * constants (https://github.com/aappleby/smhasher/wiki/MurmurHash3). It tells tensors apart that differ by chance; it is no
 * proof against ones made to collide.
 */
export class StreamHash {
  #first = 0;
  #second = 0;
  #nBytes = 0;
  #word = 0; // its bytes so far, where it is not full

  add(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { byteLength } = bytes;
    let at = 0;
    while (at < byteLength && this.#nBytes % 4 !== 0) this.#addByte(view.getUint8(at++));
    const begin = at;
    let [first, second] = [this.#first, this.#second]; // fields would cost half the speed
    for (; at + 4 <= byteLength; at += 4) {
      const word = view.getUint32(at, true);
      first = mixedFirst(first, word);
      second = mixedSecond(second, word);
    }
    [this.#first, this.#second] = [first, second];
    this.#nBytes += at - begin;
    while (at < byteLength) this.#addByte(view.getUint8(at++));
  }

  /** Of all that came. */
  get digest(): string {
    return [this.#first, this.#second, this.#word, this.#nBytes].join(' ');
  }

  #addByte(byte: number): void {
    const place = this.#nBytes++ % 4;
    this.#word |= byte << (8 * place);
    if (place < 3) return;
    this.#first = mixedFirst(this.#first, this.#word);
    this.#second = mixedSecond(this.#second, this.#word);
    this.#word = 0;
  }
}

function mixedFirst(hash: number, word: number): number {
  return mixed(hash, Math.imul(rotated(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593));
}

function mixedSecond(hash: number, word: number): number {
  return mixed(hash, Math.imul(rotated(Math.imul(word, 0x85eb_ca6b), 17), 0xc2b2_ae35));
}

function mixed(hash: number, word: number): number {
  return (Math.imul(rotated(hash ^ word, 13), 5) + 0xe654_6b64) | 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
