// Headers of GGUF files with anything in any place: what they are, or an error that says what is wrong, in bounded memory.
// `FUZZ_SEED` and `FUZZ_CASES` make longer runs; `FUZZ_SECONDS` goes on for so long, whatever the number of cases.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readGgufHeader, readGgufTensors } from '../../build/web/formats/gguf.js';
import { SottoError } from '../../build/web/results/errors.js';
import { Random } from '../api/session-reference.mjs';
import { fixturePath } from '../api/support.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const N_CASES = Number(process.env.FUZZ_CASES ?? 2000);
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);

const FILES = ['llama-llama3', 'qwen3-tied', 'lfm2-tied'].map(
  (name) => new Uint8Array(readFileSync(`${fixturePath(`families/${name}`)}model.gguf`)),
);
const HEADER_BYTES = 8000;

/** Changes a few places of the header, or cuts or joins files. */
function mutated(random) {
  const bytes = random.pick(FILES).slice();
  const view = new DataView(bytes.buffer);
  for (let left = 1 + random.integer(0, 3 - 1); left > 0; left--) {
    const at = random.integer(0, HEADER_BYTES - 1);
    const kind = random.integer(0, 6 - 1);
    if (kind === 0) bytes[at] ^= 1 << random.integer(0, 8 - 1);
    else if (kind === 1) bytes[at] = random.integer(0, 256 - 1);
    else if (kind === 2)
      view.setBigUint64(at, random.pick([0n, 2n ** 64n - 1n, 2n ** 40n, 10n ** 12n, 2n ** 31n]), true);
    else if (kind === 3) view.setUint32(at, random.pick([0, 1, 8, 9, 0xffffffff, 0x7fffffff, 42]), true);
    else if (kind === 4)
      bytes.copyWithin(at, random.integer(0, HEADER_BYTES - 1), random.integer(0, HEADER_BYTES - 1));
    else
      return random.integer(0, 2 - 1) === 0
        ? bytes.slice(0, random.integer(0, bytes.length - 1))
        : bytes.slice(random.integer(0, 64 - 1));
  }
  return bytes;
}

/** A file of chunks of some size, which counts what it gives. */
function fileOf(bytes, random) {
  const size = random.integer(0, 3 - 1) === 0 ? null : bytes.length;
  const chunk = random.integer(300, 9000);
  return {
    name: 'm.gguf',
    size,
    async *stream() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}

test(SECONDS > 0 ? `headers for ${SECONDS} s` : `${N_CASES} headers`, async (t) => {
  const random = new Random(SEED);
  const deadline = performance.now() + SECONDS * 1000;
  const goesOn = (i) => (SECONDS > 0 ? performance.now() < deadline : i < N_CASES);
  let nRead = 0;
  let i = 0;
  for (; goesOn(i); i++) {
    const bytes = mutated(random);
    const file = fileOf(bytes, random);
    const label = `seed ${SEED}, case ${i}`;
    try {
      const { metadata, tensors } = await readGgufHeader(file);
      assert.ok(metadata.size * 13 + tensors.length * 32 <= bytes.length, label);
      let end = 0;
      for (const tensor of tensors) {
        assert.ok(tensor.name !== '' && tensor.begin >= end && tensor.end > tensor.begin, label);
        end = tensor.end;
      }
      nRead++;
      for await (const { chunks } of readGgufTensors(file, tensors)) for await (const _ of chunks);
    } catch (error) {
      assert.ok(error instanceof SottoError, `${label}: ${error?.stack}`);
      assert.ok(['bad-file', 'unsupported-model'].includes(error.code), `${label}: ${error.code}`);
      assert.ok(error.message.length < 1000, `${label}: ${error.message.length} letters`);
    }
  }
  t.diagnostic(`seed ${SEED}: ${i} cases, ${nRead} of them were read`);
  assert.ok(nRead > i / 100 && nRead < i, `${nRead} were read`);
});
