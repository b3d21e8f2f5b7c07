// web/architectures/max-sizes.ts is what the list in src/model/size_bounds.inc says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sizeBoundsFiles, sizeBoundsTypeScript } from '../../tools/build/size-bounds.mjs';

test('what is made from the list of sizes is current', async () => {
  const files = Object.entries(await sizeBoundsFiles());
  assert.equal(files.length, 1);
  for (const [path, text] of files) {
    assert.equal(readFileSync(path, 'utf8'), text, `${path}: run npm run build`);
  }
});

test('a list that cannot be read is refused', () => {
  assert.match(sizeBoundsTypeScript('SOTTO_SIZE_BOUND(kMax, size, 1 << 10)\n'), /size: 1_024,/);
  assert.match(sizeBoundsTypeScript('SOTTO_SIZE_BOUND(kMax, size, 64)\n'), /size: 64,/);
  assert.throws(
    () => sizeBoundsTypeScript('SOTTO_SIZE_BOUND(kMax, size, kOther)\n'),
    /1 rows cannot be read/,
  );
});
