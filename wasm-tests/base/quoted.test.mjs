import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listed, quoted, shortened } from '../../build/web/base/quoted.js';

test("others' texts are short in messages, escapes included, and hold whole letters only", () => {
  assert.equal(quoted('wte.weight'), '"wte.weight"');
  assert.equal(quoted('a"b\n'), '"a\\"b\\n"');
  assert.equal(quoted('x'.repeat(80)), `"${'x'.repeat(80)}"`);
  assert.equal(quoted('x'.repeat(81)), `"${'x'.repeat(80)}…"`);
  assert.equal(quoted('\0'.repeat(1e6)), `"${'\\u0000'.repeat(13)}…"`);
  assert.equal(quoted('\ud800'), '"\\ud800"');
  assert.equal(shortened('a👍👍', 4), 'a👍…');
  assert.equal(shortened('', 4), '');
  assert.equal(listed(Array(100).fill('a')), 'a, a, a, a, a, a, a, a');
  assert.ok(listed(Array(1e5).fill('\0'.repeat(1e4))).length < 700);
});
