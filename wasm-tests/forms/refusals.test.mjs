import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateByChance, makeRandom, tinyForms } from './random-model.mjs';

const made = tinyForms();
const compile = (format, options) =>
  made.forms.compile(format, { endTokenIds: made.endTokenIds, ...options });
const schemaForm = (schema, strict = true) => ({ type: 'json-schema', schema, strict });

/** What is refused, and what the message says. */
const SCHEMAS = [
  [{ type: 'strng' }, /schema\.type is "strng"; it must be one of object, array/],
  [
    { type: 'object', properties: { age: { type: ['integer', 'nul'] } } },
    /schema\.properties\.age\.type\[1\] is "nul"/,
  ],
  [{ type: 'string', minLength: -1 }, /schema\.minLength is -1; it must be a whole number/],
  [{ type: 'string', minLength: 1.5 }, /minLength/],
  [{ type: 'integer', minimum: '1' }, /schema\.minimum is "1"; it must be a number/],
  [{ type: 'object', required: 'a' }, /schema\.required/],
  [{ type: 'object', properties: [] }, /schema\.properties/],
  [{ type: 'object', properties: { a: 1 } }, /schema\.properties\.a is no schema/],
  [{ anyOf: [] }, /schema\.anyOf must be an array of schemas/],
  [{ enum: [] }, /schema\.enum/],
  [{ $ref: '#' }, /refers to itself/],
  [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, /refers to itself/],
  [{ anyOf: [{ $ref: '#' }] }, /itself|no finite value/],
  [{ $ref: '#/$defs/none' }, /schema\.\$ref is "#\/\$defs\/none", and nothing is there/],
  [{ $ref: 'https://example.com/schema.json' }, /which is elsewhere/],
  [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, /no finite value/],
  [{ allOf: [{ type: 'string' }, { type: 'integer' }] }, /no finite value/],
  [{ type: 'integer', minimum: 3, maximum: 2 }, /no finite value/],
  [{ type: 'string', minLength: 3, maxLength: 2 }, /no finite value/],
  [{ type: 'array', items: false, minItems: 1 }, /no finite value/],
  [{ not: {} }, /schema\.not is met by everything/],
  [{ type: 'string', pattern: '(a' }, /schema\.pattern is no regular expression/],
  [{ type: 'string', pattern: 'a(?=b)' }, /schema\.pattern, "a\(\?=b\)", looks ahead/],
  [{ type: 'string', pattern: '(?<=a)b' }, /looks behind/],
  [{ type: 'string', pattern: '(a)\\1' }, /refers back to a group \(\\1\)/],
  [{ type: 'string', pattern: '\\bword\\b' }, /has \\b/],
  [{ type: 'string', pattern: 'a{100000}' }, /more than 10000 times/],
];

test('schemas that mean nothing are refused, with the place of the fault', async () => {
  for (const [schema, message] of SCHEMAS) {
    await assert.rejects(
      compile(schemaForm(schema)),
      { code: 'bad-option', message },
      JSON.stringify(schema),
    );
    await assert.rejects(compile(schemaForm(schema, false)), { code: 'bad-option' }, JSON.stringify(schema));
  }
});

/** What is not enforced, and the keyword that the message names. */
const NOT_ENFORCED = [
  [{ not: { type: 'string' } }, 'not'],
  [JSON.parse('{"if": {"type": "string"}, "then": {"minLength": 1}}'), 'if'],
  [{ type: 'array', uniqueItems: true }, 'uniqueItems'],
  [{ type: 'array', contains: { const: 1 } }, 'contains'],
  [{ type: 'object', dependentRequired: { a: ['b'] } }, 'dependentRequired'],
  [{ type: 'object', dependentSchemas: { a: true, b: { required: ['c'] } } }, 'dependentSchemas'],
  [{ type: 'object', minProperties: 3 }, 'minProperties'],
  [{ type: 'object', patternProperties: { a: {}, b: {} } }, 'patternProperties'],
  [{ type: 'object', unevaluatedProperties: { type: 'string' } }, 'unevaluatedProperties'],
  [{ type: 'array', unevaluatedItems: { type: 'string' } }, 'unevaluatedItems'],
  [{ type: 'string', format: 'iri' }, "format is 'iri', which is not known"],
  [{ type: 'number', multipleOf: 0.01 }, 'multipleOf'],
  [{ oneOf: [{ type: 'string' }, { minLength: 3 }] }, 'oneOf'],
  [{ type: 'string', maxLength: 1_000_000 }, 'maxLength'],
  [{ type: 'array', maxItems: 1_000_000 }, 'maxItems'],
];

test('what cannot be enforced is refused by its name, and passed over on request', async () => {
  const random = makeRandom(3);
  for (const [schema, name] of NOT_ENFORCED) {
    const refused = {
      code: 'bad-option',
      message: new RegExp(`^responseFormat\\.schema.*${name}.*strict: false`),
    };
    await assert.rejects(compile(schemaForm(schema)), refused, name);
    const form = await compile(schemaForm(schema, false));
    await generateByChance(made, form, random, 50);
  }
});

const GRAMMARS = [
  ['', /no rule root/],
  ['start ::= "a"', /no rule root/],
  ['root ::= "a" x', /no rule x, and uses it/],
  ['root ::= root "a" | "b"', /begins with itself.*root → root/],
  ['root ::= a "x"\na ::= b? c\nb ::= "b"\nc ::= a', /never ends|begins with itself/],
  ['root ::= "" root | "b"', /begins with itself/],
  ['root ::= "a" root', /never ends: its rule root/],
  ['root ::= "a" | x\nx ::= "x" x', /never ends: its rule x/],
  ['root ::= "a', /line 1: it has a text "…" that does not close/],
  ['root ::= "a\n"', /does not close/],
  ['root ::= [a-', /does not close/],
  ['root ::= [z-a]', /whose end comes before its beginning/],
  ['root ::= (("a")', /bracket \( that does not close/],
  ['root ::= "a")', /not understood: "\)"/],
  ['root ::= "a"\n\nroot ::= "b"', /line 3: it has two rules root/],
  ['root ::= "a"{2,1}', /the first number is the larger one/],
  ['root ::= "a"{1,100000}', /more than 10000 times/],
  [`root ::= ${'"a"{9999} '.repeat(30)}`, /repeats too much/],
  ['root ::= "a"{x}', /repetition that is not understood/],
  ['root ::= "\\q"', /\\q, which is no escape/],
  ['root ::= "\\uD800"', /no character/],
  ['root ::= "a" (="b")', /looks ahead/],
  ['root ::= <think>', /names a token/],
  ['root := "a"', /no rule \(name ::= …\) here/],
  ["root ::= 'a'", /not understood/],
  ['root ::= []', /no finite value|never ends/],
  [`root ::= ${'('.repeat(5000)}"a"${')'.repeat(5000)}`, /nested/],
];

test('grammars that mean nothing are refused, with the line of the fault', async () => {
  for (const [grammar, message] of GRAMMARS) {
    await assert.rejects(
      compile({ type: 'grammar', grammar }),
      { code: 'bad-option', message },
      grammar.slice(0, 60),
    );
  }
});

test('patterns that no grammar says are refused by name', async () => {
  for (const [pattern, message] of [
    ['(?!a)b|c', /looks ahead.*several alternatives/],
    ['a(?!b)', /looks ahead .* elsewhere than at its beginning/],
    ['(?<!a)b', /looks behind/],
    ['\\Bx', /\\B/],
    ['(?<n>a)\\k<n>', /refers back/],
    ['a$b', /\$ where the text goes on/],
    ['a^b', /\^ where the text has begun/],
    ['[b-a]', /no regular expression/],
    ['[]', /no finite value/],
    [`${'('.repeat(500)}a${')'.repeat(500)}`, /nested/],
    ['a{9999}'.repeat(30), /repeats too much/],
  ]) {
    await assert.rejects(
      compile({ type: 'regex', pattern }),
      { code: 'bad-option', message },
      pattern.slice(0, 40),
    );
  }
});

test('a form that cannot end in time is refused, and one that can is not', async () => {
  const leastOf = async (format) => {
    for (let maxNewTokens = 1; ; maxNewTokens++) {
      try {
        await compile(format, { maxNewTokens });
        return maxNewTokens;
      } catch (error) {
        assert.equal(error.code, 'bad-option');
        assert.match(error.message, new RegExp(`more tokens than maxNewTokens, which is ${maxNewTokens}$`));
      }
    }
  };
  const { tokenizer } = made;
  assert.equal(await leastOf({ type: 'regex', pattern: '[0-9]{40}' }), 21); // 12 is a token
  assert.equal(await leastOf({ type: 'choice', options: ['', 'x'.repeat(500)] }), 1);
  assert.equal(
    await leastOf({ type: 'choice', options: ['abab', 'xyz'] }),
    tokenizer.encode('abab').length + 1,
  );
  assert.equal(await leastOf({ type: 'json' }), 3);
  const schema = { type: 'object', properties: { ab: { type: 'string' } }, required: ['ab'] };
  assert.equal(await leastOf(schemaForm(schema)), tokenizer.encode('{"ab": ""}').length + 1);
});

test('a model without an end token has no forms', async () => {
  await assert.rejects(compile({ type: 'json' }, { endTokenIds: [] }), {
    code: 'unsupported-tokenizer',
    message: /no end token/,
  });
});
