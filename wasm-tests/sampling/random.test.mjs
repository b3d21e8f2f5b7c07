import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine } from '../kernels/heap.mjs';
import { Pcg } from './references.mjs';

function uniforms(seed, count) {
  const random = new engine.Random(seed);
  try {
    return Array.from({ length: count }, () => random.uniform());
  } finally {
    random.delete();
  }
}

test('the reference generator gives the numbers that its author published', () => {
  // pcg32-demo of the PCG C library 0.94: seed 42, stream 54, whose increment is 2 * 54 + 1.
  const reference = new Pcg(42, 109n);
  const published = [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e];
  assert.deepEqual(
    published.map(() => Number(reference.next())),
    published,
  );
});

test('uniform numbers are those of the reference, for seeds of every size', () => {
  for (const seed of [
    0, 1, 42, 2147483648, 4294967295, 4294967296, 4294967297, 1099511640121, 9007199254740991,
  ]) {
    const reference = new Pcg(seed);
    const expected = Array.from({ length: 1000 }, () => reference.uniform());
    assert.deepEqual(uniforms(seed, 1000), expected, `seed ${seed}`);
  }
});

test('seeds that agree in their lower 32 bits give different numbers', () => {
  const firsts = [7, 7 + 2 ** 32, 7 + 2 ** 33, 7 + 2 ** 52].map((seed) => uniforms(seed, 1)[0]);
  assert.equal(new Set(firsts).size, firsts.length);
});

test('uniform numbers lie in [0, 1) and use all 53 bits', () => {
  const numbers = uniforms(99, 10000);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const integers = numbers.map((number) => BigInt(number * 2 ** 53));
  const seenOnes = integers.reduce((seen, integer) => seen | integer, 0n);
  const seenZeros = integers.reduce((seen, integer) => seen & integer, 2n ** 53n - 1n);
  assert.equal(seenOnes, 2n ** 53n - 1n);
  assert.equal(seenZeros, 0n);
});
