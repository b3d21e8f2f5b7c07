// node bench/forms.mjs MODEL_FOLDER [weights]: what a form costs. Compiling a schema of 50 properties, for the first time (with
// the grammar engine and the vocabulary) and again; tokens per second with and without one, greedy, turn by turn in one
// process; the medians. The folder has a tokenizer.json.
import { LanguageModel } from 'sotto';
import { median } from './statistics.mjs';

const ROUNDS = 7;
const STEPS = 96;
const [folder, weights = 'q8'] = process.argv.slice(2);

const text = { type: 'string' };
const KINDS = [
  text,
  { type: 'integer', minimum: 0 },
  { type: 'array', items: { type: 'number' } },
  { enum: ['small', 'medium', 'large'] },
  {
    type: 'object',
    properties: { x: text, y: { type: 'boolean' } },
    required: ['x'],
    additionalProperties: false,
  },
];

/** @param name Makes it another schema, that no cache holds. */
function schemaOf(nProperties, name) {
  const entries = Array.from({ length: nProperties }, (_, i) => [`${name}${i}`, KINDS[i % KINDS.length]]);
  const properties = Object.fromEntries(entries);
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** A form that lets a random model write on and on: what is measured are masks of most of the vocabulary. */
const LONG_TEXT = {
  type: 'json-schema',
  schema: { type: 'object', properties: { text }, required: ['text'] },
};

const FORMS = {
  none: null,
  'a long string': LONG_TEXT,
  'a string of up to 1,000 characters': {
    type: 'json-schema',
    schema: { type: 'string', maxLength: 1000 },
  },
  '10 properties': { type: 'json-schema', schema: schemaOf(10, 'p') },
  'a list of numbers': { type: 'json-schema', schema: { type: 'array', items: { type: 'number' } } },
};

const model = await LanguageModel.load(folder, { weights, prefixCache: 1 << 26 });
const prompt = Array.from({ length: 16 }, (_, i) => (i * 7919 + 11) % model.info.vocabSize);

/** Until the first token is chosen, in milliseconds. */
async function timeFirst(responseFormat) {
  const options = { temperature: 0, maxNewTokens: 1000, stopWhen: () => true };
  const { timings } = await model.generate(prompt, { ...options, ...(responseFormat && { responseFormat }) })
    .result;
  return timings.timeToFirstTokenMs;
}

await timeFirst(undefined);
const plain = await timeFirst(undefined);
const compiling = {};
compiling['the first, with the engine'] =
  (await timeFirst({ type: 'json-schema', schema: schemaOf(50, 'a') })) - plain;
compiling.another = (await timeFirst({ type: 'json-schema', schema: schemaOf(50, 'b') })) - plain;
compiling['the same again'] = (await timeFirst({ type: 'json-schema', schema: schemaOf(50, 'b') })) - plain;

const speeds = Object.fromEntries(Object.keys(FORMS).map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, form] of Object.entries(FORMS)) {
    const options = { maxNewTokens: STEPS, temperature: 0, ...(form && { responseFormat: form }) };
    const { timings } = await model.generate(prompt, options).result;
    if (round >= 0) speeds[name].push(timings.tokensPerSecond);
  }
}
await model.dispose();
console.log(`${folder.split('/').at(-1)} ${weights}, ${model.info.vocabSize} tokens`);
for (const [name, ms] of Object.entries(compiling)) console.log(`compile ${name}: ${ms.toFixed(0)} ms`);
const none = median(speeds.none);
for (const [name, values] of Object.entries(speeds)) {
  console.log(
    `${name}: ${median(values).toFixed(1)} tokens/s, ${(median(values) / none).toFixed(3)} of none`,
  );
}
