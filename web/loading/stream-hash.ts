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
    for (; at + 4 <= byteLength; at += 4) {
      this.#addWord(view.getUint32(at, true));
      this.#nBytes += 4;
    }
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
    this.#addWord(this.#word);
    this.#word = 0;
  }

  #addWord(word: number): void {
    this.#first = mixed(this.#first, Math.imul(rotated(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593));
    this.#second = mixed(this.#second, Math.imul(rotated(Math.imul(word, 0x85eb_ca6b), 17), 0xc2b2_ae35));
  }
}

function mixed(hash: number, word: number): number {
  return (Math.imul(rotated(hash ^ word, 13), 5) + 0xe654_6b64) | 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
