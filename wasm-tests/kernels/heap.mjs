// The test module, and blocks of its heap that notice when something writes around them.
import assert from 'node:assert/strict';
import { createTestModule } from '../test-module.mjs';

/** One instance for each test file. */
export const engine = await createTestModule();

/** Misalignments of a float, in bytes past a multiple of the vector size. */
export const MISALIGNMENTS = [0, 4, 8, 12];

const GUARD_BYTES = 256; // on each side: more than the widest unrolled step of any kernel writes
// A signalling NaN: what is read beyond a block makes its result a NaN, and no arithmetic gives these bits back, for it
// makes a signalling NaN a quiet one.
const GUARD = 0xffbfbfbf;
const GUARD_OF_BYTES = [0xbf, 0xbf, 0xbf, 0xff];

/**
 * Runs `body` with a heap whose blocks live until it returns, and fails when a byte around a block, or a byte of an
 * input, has changed by then.
 */
export function withHeap(body) {
  const heap = new Heap();
  try {
    const result = body(heap);
    heap.check();
    return result;
  } finally {
    heap.free();
  }
}

class Heap {
  #blocks = [];

  /** A copy of `values` (a typed array) that kernels may change, `misalignment` bytes past a multiple of 64. */
  copy(values, misalignment = 0) {
    const block = new Block(values.byteLength, misalignment);
    this.#blocks.push(block);
    block.u8().set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return block;
  }

  /** A copy of `values` that nothing may change. */
  input(values, misalignment = 0) {
    const block = this.copy(values, misalignment);
    block.contents = block.u8().slice();
    return block;
  }

  /** Room for `length` floats, all NaN. */
  space(length, misalignment = 0) {
    return this.copy(new Float32Array(length).fill(Number.NaN), misalignment);
  }

  check() {
    for (const block of this.#blocks) block.check();
  }

  free() {
    for (const block of this.#blocks) engine.release(block.base);
    this.#blocks = [];
  }
}

class Block {
  constructor(size, misalignment) {
    this.size = size; // bytes
    this.total = Math.ceil((2 * GUARD_BYTES + misalignment + size) / 4) * 4;
    this.base = engine.allocate(this.total);
    assert.notEqual(this.base, 0, `no ${this.total} bytes on the heap`);
    this.address = this.base + GUARD_BYTES + misalignment;
    new Uint32Array(engine.bytesAt(this.base, this.total).buffer, this.base, this.total / 4).fill(GUARD);
  }

  // Views are made anew each time: they die when the heap grows.
  u8() {
    return engine.bytesAt(this.address, this.size);
  }
  u32() {
    return new Uint32Array(this.u8().buffer, this.address, this.size / 4);
  }
  f32() {
    return new Float32Array(this.u8().buffer, this.address, this.size / 4);
  }

  check() {
    const all = engine.bytesAt(this.base, this.total);
    const begin = this.address - this.base;
    const end = begin + this.size;
    for (let i = 0; i < this.total; ++i) {
      if (i === begin && this.contents === undefined) i = end;
      const isInside = i >= begin && i < end;
      const expected = isInside ? this.contents[i - begin] : GUARD_OF_BYTES[i % 4];
      if (all[i] === expected) continue;
      const place = isInside ? 'of an input' : 'outside of the block';
      assert.fail(`byte ${i - begin} ${place} of ${this.size} bytes was written`);
    }
  }
}
