import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from '../api/engine-support.mjs';
import { testFamily } from './suite.mjs';

testFamily('phi3');

for (const weights of ['f32', 'q8']) {
  test(`${weights}: a text that grows longer than the original context is a long one from its first token on`, async (t) => {
    const { model } = await loadIntoEngine(t, 'families/phi3-longrope-short', { weights });
    const ids = Array.from({ length: 130 }, (_, i) => (i * 37) % 109);
    const grown = model.createSession();
    grown.append(ids.slice(0, 110));
    const short = grown.logits().slice();
    for (const id of ids.slice(110)) grown.step(id);
    const whole = model.createSession();
    whole.append(ids.slice(0, 128));
    whole.append(ids.slice(128));
    assert.deepEqual(grown.logits().slice(), whole.logits().slice());
    grown.truncate(110);
    grown.step(ids[110]);
    whole.truncate(0);
    whole.append(ids.slice(0, 110));
    assert.deepEqual(whole.logits().slice(), short, 'short again');
    whole.step(ids[110]);
    assert.deepEqual(grown.logits().slice(), whole.logits().slice(), 'cut back to a short one');
  });
}
