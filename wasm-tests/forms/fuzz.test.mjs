// Forms by chance, sound and damaged: each is made, or refused with a typed error, in bounded time; and what is made can be used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SottoError } from '../../build/web/results/errors.js';
import { generateByChance, makeRandom, tinyForms } from './random-model.mjs';
import { SCHEMAS } from './schema-cases.mjs';

const N = Number(process.env.FUZZ_CASES ?? (process.env.SOTTO_ALL ? 20_000 : 400));

/** Far above what any takes, so that a slow machine does not fail. */
const MOST_MS = 10_000;

const made = tinyForms();

/** @returns The form, or null where it is refused. */
async function compileTyped(format) {
  const begin = performance.now();
  try {
    return await made.forms.compile(format, { endTokenIds: made.endTokenIds });
  } catch (error) {
    assert.ok(
      error instanceof SottoError && error.code === 'bad-option',
      `${JSON.stringify(format)}: ${error.stack}`,
    );
    return null;
  } finally {
    const ms = performance.now() - begin;
    assert.ok(ms < MOST_MS, `${ms} ms: ${JSON.stringify(format)}`);
  }
}

async function useTyped(format, form, random) {
  const begin = performance.now();
  try {
    return await generateByChance(made, form, random, 40);
  } catch (error) {
    assert.ok(
      error instanceof SottoError && error.code === 'bad-option',
      `${JSON.stringify(format)}: ${error.stack}`,
    );
    return { isComplete: false };
  } finally {
    const ms = performance.now() - begin;
    assert.ok(ms < MOST_MS, `${ms} ms: ${JSON.stringify(format)}`);
  }
}

const oneOf = (random, list) => list[Math.floor(random() * list.length)];

function randomSchema(random, depth = 0) {
  if (depth > 3 || random() < 0.2)
    return oneOf(random, [true, {}, { type: 'integer' }, { type: 'null' }, { const: 'a' }]);
  const inner = () => randomSchema(random, depth + 1);
  const count = () => Math.floor(random() * 4);
  const keywords = {
    type: () =>
      oneOf(random, ['object', 'array', 'string', 'number', 'integer', 'boolean', ['null', 'string']]),
    properties: () => ({ a: inner(), b: inner(), [oneOf(random, ['c', '"', 'é', ''])]: inner() }),
    required: () => oneOf(random, [['a'], ['a', 'b'], ['z'], []]),
    additionalProperties: () => oneOf(random, [true, false, inner()]),
    propertyNames: () => oneOf(random, [{ pattern: '^[ab]' }, { maxLength: 2 }, { enum: ['a', 'q'] }]),
    patternProperties: () => ({ '^x': inner() }),
    minProperties: count,
    maxProperties: count,
    items: inner,
    prefixItems: () => [inner(), inner()],
    minItems: count,
    maxItems: count,
    minLength: count,
    maxLength: count,
    pattern: () => oneOf(random, ['^a*$', 'b', '^(?!a)', '[^a]', '^.{2}$']),
    format: () => oneOf(random, ['date', 'email', 'ipv4', 'nothing']),
    minimum: () => oneOf(random, [-3, 0, 1.5, 12]),
    maximum: () => oneOf(random, [-1, 0, 7.25, 1000]),
    exclusiveMinimum: () => oneOf(random, [-3, 0, 2]),
    multipleOf: () => oneOf(random, [1, 2, 5, 10, 0.5]),
    enum: () =>
      oneOf(random, [
        [1, 2, 'a'],
        ['a', null],
        [[], {}, 0],
      ]),
    anyOf: () => [inner(), inner()],
    oneOf: () => [inner(), { type: 'null' }],
    allOf: () => [inner(), inner()],
    $ref: () => oneOf(random, ['#', '#/properties/a', '#/$defs/d', '#/none']),
    $defs: () => ({ d: inner() }),
    not: inner,
    uniqueItems: () => random() < 0.5,
  };
  const schema = {};
  for (let i = 0; i < 1 + random() * 4; i++) {
    const key = oneOf(random, Object.keys(keywords));
    schema[key] = keywords[key]();
  }
  return schema;
}

/** Something else somewhere in it. */
function damaged(value, random) {
  if (typeof value !== 'object' || value === null || random() < 0.2) {
    return oneOf(random, [null, -1, 'x', [], {}, 1e300, true, [[]], '#', { $ref: '#' }]);
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return 0;
  const key = oneOf(random, keys);
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = damaged(value[key], random);
  return copy;
}

function randomPattern(random, depth = 0) {
  const atoms = [
    'a',
    'é',
    '.',
    '\\d',
    '[^a]',
    '[a-c]',
    '\\s',
    '\\p{L}',
    '"',
    '\\\\',
    '^',
    '$',
    '\\b',
    '\\1',
    '\\n',
  ];
  let pattern = '';
  for (let i = 0; i < 1 + random() * 4; i++) {
    const isGroup = depth < 3 && random() < 0.3;
    pattern += isGroup
      ? `(${oneOf(random, ['', '?:', '?!', '?='])}${randomPattern(random, depth + 1)})`
      : oneOf(random, atoms);
    pattern += oneOf(random, ['', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,50}', '|', '{']);
  }
  return pattern;
}

function randomGrammar(random) {
  const names = ['root', 'a', 'b', 'c-d'];
  const body = (depth) => {
    let text = '';
    for (let i = 0; i < 1 + random() * 3; i++) {
      const isGroup = depth < 3 && random() < 0.2;
      text += isGroup
        ? `(${body(depth + 1)})`
        : oneOf(random, [...names, '"x"', '"é\\n"', '[a-z]', '[^\\n"]', '.', '""']);
      text += oneOf(random, [' ', ' ', '* ', '? ', '+ ', '{2} ', '{0,9} ', ' | ', ' # c\n', '\n']);
    }
    return text;
  };
  return names
    .filter(() => random() < 0.97)
    .map((name) => `${name} ${random() < 0.05 ? '=' : '::='} ${body(0)}`)
    .join('\n');
}

test('schemas by chance', async (t) => {
  const random = makeRandom(101);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  let nMade = 0;
  for (let i = 0; i < N; i++) {
    let schema = random() < 0.2 ? oneOf(random, Object.values(SCHEMAS)) : randomSchema(random);
    if (random() < 0.3) schema = damaged(schema, random);
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) continue;
    const format = { type: 'json-schema', schema, strict: random() < 0.8 };
    const form = await compileTyped(format);
    if (form === null) continue;
    nMade++;
    const { text, isComplete } = await useTyped(format, form, random);
    if (!isComplete || !format.strict) continue;
    let validate;
    try {
      validate = ajv.compile({ ...schema, $id: undefined });
    } catch {
      continue; // it takes fewer schemas: of draft 4 and 7, and with parts that nothing refers to
    }
    assert.ok(validate(JSON.parse(text)), `${JSON.stringify(schema)}: ${text}`);
  }
  t.diagnostic(`${nMade} of ${N} were made`);
});

test('patterns by chance', async (t) => {
  const random = makeRandom(102);
  let nMade = 0;
  for (let i = 0; i < N; i++) {
    const format = { type: 'regex', pattern: randomPattern(random) };
    const form = await compileTyped(format);
    if (form === null) continue;
    nMade++;
    const { text, isComplete } = await useTyped(format, form, random);
    if (isComplete) assert.match(text, makeWhole(format.pattern), JSON.stringify(format));
  }
  t.diagnostic(`${nMade} of ${N} were made`);
});

function makeWhole(pattern) {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return new RegExp(`^(?:${pattern})$`);
  }
}

test('grammars by chance', async (t) => {
  const random = makeRandom(103);
  let nMade = 0;
  for (let i = 0; i < N; i++) {
    const format = { type: 'grammar', grammar: randomGrammar(random) };
    const form = await compileTyped(format);
    if (form === null) continue;
    nMade++;
    await useTyped(format, form, random);
  }
  t.diagnostic(`${nMade} of ${N} were made`);
});

test('what is made to be slow is not', async () => {
  const random = makeRandom(104);
  const slow = [
    { type: 'regex', pattern: '(a?){1000}a{1000}' },
    { type: 'regex', pattern: '(.?){2000}' },
    { type: 'regex', pattern: '(a|a)*(a|aa)*b' },
    { type: 'regex', pattern: '(?=.*a.{12}b)(?=.*b.{12}a).*' },
    { type: 'regex', pattern: '((a*)*)*b' },
    { type: 'grammar', grammar: 'root ::= "a" root "x" | "a" root "y" | "b"' },
    { type: 'grammar', grammar: 'root ::= "a" root root | "a" root | "a"' },
    { type: 'grammar', grammar: 'root ::= x{1,10000}\nx ::= [a-z] | "a" "b" | y\ny ::= [^a]' },
    { type: 'choice', options: Array.from({ length: 10_000 }, (_, i) => `option ${i} of ten thousand`) },
    {
      type: 'json-schema',
      strict: true,
      schema: {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, { type: 'string' }])),
      },
    },
    {
      type: 'json-schema',
      strict: true,
      schema: {
        allOf: Array.from({ length: 12 }, () => ({
          anyOf: [{ minimum: 1 }, { maximum: 0 }, { type: 'string' }],
        })),
      },
    },
    { type: 'regex', pattern: '((a{1,100}b?){1,100}c?){1,100}' },
    {
      type: 'grammar',
      grammar: Array.from({ length: 20_000 }, (_, i) => `${i === 0 ? 'root' : `r${i}`} ::= r${i + 1}`).join(
        '\n',
      ),
    },
    {
      type: 'grammar',
      grammar: `root ::= r1\n${Array.from({ length: 9000 }, (_, i) => `r${i + 1} ::= "a"? r${i + 2}`).join('\n')}\nr9001 ::= "b"`,
    },
    { type: 'json-schema', strict: true, schema: { enum: Array.from({ length: 40_000 }, (_, i) => i) } },
    {
      type: 'json-schema',
      strict: true,
      schema: { oneOf: Array.from({ length: 200 }, (_, i) => ({ const: i })) },
    },
    {
      type: 'json-schema',
      strict: true,
      schema: { oneOf: Array.from({ length: 5000 }, (_, i) => ({ const: i })) },
    },
    { type: 'json-schema', strict: true, schema: { const: 'x'.repeat(1_000_000) } },
    {
      type: 'json-schema',
      strict: true,
      schema: { type: 'string', pattern: '^(?=.*[a-z]{9})(?=.*[0-9]{9}).{20,400}$', maxLength: 300 },
    },
    {
      type: 'json-schema',
      strict: true,
      schema: {
        type: 'array',
        items: { type: 'array', items: { type: 'string', maxLength: 9999 }, maxItems: 4999 },
        maxItems: 4999,
      },
    },
  ];
  for (const format of slow) {
    const form = await compileTyped(format);
    if (form !== null) await useTyped(format, form, random);
  }
});
