import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { generateByChance, makeRandom, tinyForms } from './random-model.mjs';
import { SCHEMAS } from './schema-cases.mjs';

/** As zod 4.6, valibot 1.5 and TypeBox 0.34 emit them: tools/fixtures/write-emitted-schemas.mjs. */
const EMITTED = JSON.parse(readFileSync(new URL('./emitted-schemas.json', import.meta.url), 'utf8'));

const made = tinyForms();
const { endTokenIds } = made;

const ALL = Object.entries({ ...SCHEMAS, ...EMITTED });

/** Of each schema; 10,000 in all and more with SOTTO_ALL. */
const N = process.env.SOTTO_ALL ? 200 : 15;

/** In ajv's words: draft 4 and 7 say some things in others. */
function inDraft2020(schema) {
  if (Array.isArray(schema)) return schema.map(inDraft2020);
  if (typeof schema !== 'object' || schema === null) return schema;
  const {
    items,
    additionalItems,
    $schema: _,
    ...rest
  } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inDraft2020(value)]));
  if (rest.exclusiveMinimum === true) {
    rest.exclusiveMinimum = rest.minimum;
    delete rest.minimum;
  }
  if (Array.isArray(items)) return { ...rest, prefixItems: items, items: additionalItems ?? true };
  return items === undefined ? rest : { ...rest, items };
}

test('whatever a model wants, what it gives in a form is valid, or is not at its end', async (t) => {
  const random = makeRandom(7);
  let nComplete = 0;
  for (const [name, schema] of ALL) {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addFormat('base64', true); // its pattern says it
    const validate = ajv.compile(inDraft2020(schema));
    const form = await made.forms.compile({ type: 'json-schema', schema, strict: true }, { endTokenIds });
    let nOfSchema = 0;
    for (let i = 0; i < N; i++) {
      const { text, isComplete } = await generateByChance(made, form, random, 1500);
      if (!isComplete) continue;
      nOfSchema++;
      const value = JSON.parse(text);
      assert.ok(validate(value), `${name}: ${text} ${JSON.stringify(validate.errors)}`);
    }
    if (nOfSchema === 0) t.diagnostic(`${name}: none came to its end`);
    nComplete += nOfSchema;
  }
  t.diagnostic(`${nComplete} of ${N * ALL.length} came to their end`);
});
