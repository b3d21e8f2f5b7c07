// web/architectures/kept-bytes.ts is what the lists in src/tensor say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { keptBytesFiles, keptBytesTypeScript } from '../../tools/build/kept-bytes.mjs';

const TYPES = 'SOTTO_WEIGHT_TYPE(kQ4, q4, true, "Q4_0", 32, 18, 144, 32, false, 127, Q4Codec)\n';

test('what is made from the lists of types is current', async () => {
  for (const [path, text] of Object.entries(await keptBytesFiles())) {
    assert.equal(readFileSync(path, 'utf8'), text, `${path}: run npm run build`);
  }
});

test('lists that cannot be read are refused', () => {
  const format = 'SOTTO_BLOCK_FORMAT(kTq2_0, "TQ2_0", 256, 66, kQ4, Tq2_0)\n';
  assert.match(keptBytesTypeScript(format, TYPES), /\['TQ2_0', 144 \/ 256\],/);
  assert.throws(() => keptBytesTypeScript('SOTTO_BLOCK_FORMAT(kX)\n', TYPES), /block_formats.inc: 1 rows/);
  assert.throws(() => keptBytesTypeScript(format, 'SOTTO_WEIGHT_TYPE(kX)\n'), /weight_types.inc: 1 rows/);
});
