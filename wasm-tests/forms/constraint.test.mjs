import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Forms } from '../../build/web/forms/forms.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteFallbackJson } from '../text/tiny-tokenizers.mjs';
import { idsOf, makeRandom, tinyForms } from './random-model.mjs';
import { SCHEMAS } from './schema-cases.mjs';

const made = tinyForms();
const { endTokenIds, tokenizer } = made;

const FORMATS = [
  { type: 'json' },
  { type: 'json-schema', schema: SCHEMAS.person, strict: true },
  { type: 'json-schema', schema: SCHEMAS.tree, strict: true },
  { type: 'regex', pattern: '(ab|abc|é)*d{2,4}' },
  { type: 'choice', options: ['yes', 'yes and no', 'nothing', 'éé', 'é'] },
  { type: 'grammar', grammar: 'root ::= "(" root? ")" root? # balanced' },
];

const choose = (ids, random) => ids[Math.floor(random() * ids.length)];

test('what is gone back over comes again as it was, and a fork goes on by itself', async () => {
  const random = makeRandom(11);
  for (const format of FORMATS) {
    const form = await made.forms.compile(format, { endTokenIds });
    for (let round = 0; round < 10; round++) {
      const constraint = await form.start();
      const masks = [[...(await constraint.mask())]];
      const ids = [];
      while (ids.length < 40) {
        const allowed = idsOf(await constraint.mask());
        if (allowed.length === 0) break; // behind the end
        ids.push(choose(allowed, random));
        assert.equal(constraint.accept(ids.at(-1)), true);
        masks.push([...(await constraint.mask())]);
      }
      const n = Math.floor(random() * (ids.length + 1));
      const whole = await constraint.fork();
      constraint.rollback(n);
      const fork = await constraint.fork();
      constraint.rollback(ids.length - n);
      for (let i = ids.length - n; i < ids.length; i++) {
        assert.deepEqual([...(await fork.mask())], masks[i]);
        assert.equal(fork.accept(ids[i]), true);
      }
      for (const [i, id] of ids.entries()) {
        assert.deepEqual([...(await constraint.mask())], masks[i]);
        assert.equal(constraint.accept(id), true);
      }
      for (const one of [constraint, fork, whole]) {
        assert.deepEqual([...(await one.mask())], masks.at(-1));
        one.dispose();
      }
      assert.throws(() => fork.rollback(1000), RangeError);
    }
  }
});

test('a token that is not in the mask is not accepted, and changes nothing', async () => {
  const random = makeRandom(5);
  for (const format of FORMATS) {
    const constraint = await (await made.forms.compile(format, { endTokenIds })).start();
    for (let i = 0; i < 30; i++) {
      const mask = [...(await constraint.mask())];
      const allowed = idsOf(mask);
      if (allowed.length === 0) break;
      for (let id = -1; id <= made.vocabSize; id++) {
        if (!allowed.includes(id)) assert.equal(constraint.accept(id), false, `${id}`);
      }
      assert.deepEqual([...(await constraint.mask())], mask);
      constraint.accept(choose(allowed, random));
    }
  }
});

test('forced tokens are those that the masks leave, one by one, and as the tokenizer writes that text', async () => {
  const schema = {
    type: 'object',
    properties: { 'ab":': { const: true }, é: { const: '12' } },
    required: ['ab":', 'é'],
  };
  const form = await made.forms.compile({ type: 'json-schema', schema, strict: true }, { endTokenIds });
  const text = '{"ab\\":": true, "é": "12"}';
  const [atOnce, oneByOne] = [await form.start(), await form.start()];
  const ids = [];
  for (let forced = atOnce.forced(); forced.length > 0; forced = atOnce.forced()) {
    for (const id of forced) {
      assert.deepEqual(idsOf(await oneByOne.mask()), [id]);
      assert.equal(oneByOne.accept(id), true);
      assert.equal(atOnce.accept(id), true);
      ids.push(id);
    }
  }
  assert.equal(ids.pop(), endTokenIds[0]);
  assert.deepEqual(ids, tokenizer.encode(text, { literal: true }));
  assert.equal(tokenizer.decode(ids), text);
  assert.deepEqual(idsOf(await atOnce.mask()), []);
});

test('only the preferred end token comes where the text must end', async () => {
  const ends = [made.vocabSize - 1, endTokenIds[0]];
  const form = await made.forms.compile({ type: 'choice', options: ['a'] }, { endTokenIds: ends });
  const constraint = await form.start();
  assert.deepEqual(constraint.forced(), tokenizer.encode('a'));
  constraint.accept(tokenizer.encode('a')[0]);
  assert.deepEqual(constraint.forced(), [ends[0]]);
  assert.deepEqual(idsOf(await constraint.mask()), [ends[0]]);
});

test('tokenizers with byte fallback', async () => {
  const json = byteFallbackJson();
  const fallback = Tokenizer.create(json);
  const forms = new Forms(fallback, 270);
  const form = await forms.compile({ type: 'regex', pattern: '( a|b)+é' }, { endTokenIds: [2] });
  const random = makeRandom(2);
  for (let i = 0; i < 20; i++) {
    const constraint = await form.start();
    const ids = [1]; // in the midst of a text, as answers are
    while (ids.at(-1) !== 2 && ids.length < 100) {
      const id = choose(idsOf(await constraint.mask()), random);
      assert.ok(constraint.accept(id));
      ids.push(id);
    }
    if (ids.at(-1) === 2) assert.match(fallback.decode([260, ...ids.slice(1, -1)]), /^a( a|b)+é$/);
  }
});

test('memory: a thousand forms leave nothing behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const round = async (i) => {
    const schema = { ...SCHEMAS.person, title: `${i}` };
    const form = await made.forms.compile({ type: 'json-schema', schema, strict: true }, { endTokenIds });
    const constraint = await form.start();
    await constraint.mask();
    constraint.dispose();
  };
  for (let i = 0; i < 100; i++) await round(i);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 100; i < 1100; i++) await round(i);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 2 ** 21, `${grown} bytes`);
});
