// Schemas of every keyword that is enforced, as people write them, and as zod, valibot and TypeBox emit them.

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 12 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    email: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { enum: ['a', 'b', 'é "c"'] }, minItems: 1, maxItems: 3 },
  },
  required: ['name', 'age'],
  additionalProperties: false,
};

const tree = {
  $ref: '#/$defs/node',
  $defs: {
    node: {
      type: 'object',
      properties: {
        value: { type: 'integer' },
        children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 2 },
      },
      required: ['value', 'children'],
    },
  },
};

/** By name. */
export const SCHEMAS = {
  person,
  tree,
  anything: true,
  'any object': { type: 'object' },
  'any array': { type: 'array' },
  types: { type: ['string', 'null', 'boolean'] },
  nullable: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  const: { const: { a: [1, null, 'x'], b: true } },
  enum: { enum: ['a', 1, null, 2.5, { k: [] }, 'a\n"b"', true] },
  'enum and type': { type: 'string', enum: ['a', 1, null, 'b'] },
  'enum and bounds': { enum: [1, 5, 10, 'x'], minimum: 2, type: 'integer' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  'integers in a range': { type: 'integer', minimum: -17, maximum: 1203 },
  'integers from': { type: 'integer', minimum: 1234 },
  'integers to': { type: 'integer', exclusiveMaximum: -5 },
  'integers between numbers': { type: 'integer', minimum: -1.5, maximum: 2.5 },
  'integers below safe': { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
  'numbers in a range': { type: 'number', minimum: -1.25, maximum: 3.75 },
  'numbers above': { type: 'number', exclusiveMinimum: 0 },
  'numbers below': { type: 'number', exclusiveMaximum: 100 },
  'numbers between': { type: 'number', exclusiveMinimum: 0.1, exclusiveMaximum: 0.2 },
  'numbers around 0': { type: 'number', minimum: -0.5, exclusiveMaximum: 0 },
  'numbers with draft 4 flags': { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 2 },
  'multiples of 10': { type: 'integer', multipleOf: 10 },
  'multiples of 7 in a range': { type: 'integer', multipleOf: 7, minimum: -30, maximum: 500 },
  string: { type: 'string' },
  'string of a length': { type: 'string', minLength: 2, maxLength: 5 },
  'least length': { type: 'string', minLength: 3 },
  pattern: { type: 'string', pattern: '^[A-Z]{2}-\\d+$' },
  'pattern anywhere': { type: 'string', pattern: 'ab|c"\\\\d' },
  'pattern and length': { type: 'string', pattern: '^[a-z"]*$', minLength: 3, maxLength: 6 },
  'pattern that looks ahead': { type: 'string', pattern: '^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{4,8}$' },
  'pattern that must not': { type: 'string', pattern: '^(?!.*\\.\\.)[a.]{1,6}$' },
  'pattern of all kinds': { type: 'string', pattern: '^\\p{Lu}[^\\w]\\s?.$' },
  'zod email': {
    type: 'string',
    format: 'email',
    pattern:
      "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
  },
  ...Object.fromEntries(
    ['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid'].map(
      (format) => [format, { type: 'string', format }],
    ),
  ),
  'zod email of a length': {
    type: 'string',
    pattern:
      "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
    format: 'email',
    maxLength: 254,
  },
  'format and length': { type: 'string', format: 'hostname', maxLength: 12 },
  'optional properties': {
    type: 'object',
    properties: {
      a: { type: 'integer' },
      b: { type: 'boolean' },
      c: { type: 'null' },
      'd "e"': { const: 1 },
    },
  },
  'a required one between optional ones': {
    type: 'object',
    properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } },
    required: ['b'],
  },
  'number of properties': {
    type: 'object',
    properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 }, d: { const: 4 } },
    minProperties: 2,
    maxProperties: 3,
  },
  'additional properties': {
    type: 'object',
    properties: { a: { type: 'integer' }, ab: { type: 'integer' } },
    additionalProperties: { type: 'string', maxLength: 2 },
  },
  'any additional properties': {
    type: 'object',
    properties: { kind: { const: 'x' } },
    additionalProperties: true,
  },
  record: { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } },
  'record of names': {
    type: 'object',
    propertyNames: { enum: ['x', 'y'] },
    additionalProperties: { type: 'integer' },
    required: ['x'],
  },
  'record by pattern': {
    type: 'object',
    propertyNames: { pattern: '^[a-c]+$' },
    additionalProperties: { const: 0 },
    minProperties: 1,
  },
  'pattern properties': {
    type: 'object',
    patternProperties: { '^x-': { type: 'boolean' } },
    additionalProperties: false,
  },
  'pattern beside properties': {
    type: 'object',
    properties: { id: { type: 'integer' } },
    required: ['id'],
    patternProperties: { '^S_': { type: 'string' } },
  },
  'required without properties': {
    type: 'object',
    required: ['a', 'b'],
    additionalProperties: { type: 'integer' },
  },
  tuple: { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }] },
  'tuple with a rest': {
    type: 'array',
    prefixItems: [{ const: 1 }],
    items: { type: 'boolean' },
    minItems: 3,
    maxItems: 5,
  },
  'closed tuple': { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }], items: false, minItems: 1 },
  'tuple of draft 7': {
    type: 'array',
    items: [{ type: 'integer' }, { type: 'null' }],
    additionalItems: false,
    minItems: 2,
    maxItems: 2,
  },
  'items of a number': { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 4 },
  'no items': { type: 'array', items: { type: 'integer' }, maxItems: 0 },
  'one of': {
    oneOf: [{ type: 'integer' }, { type: 'string', maxLength: 3 }, { type: 'array', maxItems: 0 }],
  },
  'one of, by a property': {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'a' }, x: { type: 'integer' } },
        required: ['kind', 'x'],
      },
      {
        type: 'object',
        properties: { kind: { const: 'b' }, y: { type: 'string', maxLength: 2 } },
        required: ['kind', 'y'],
      },
    ],
  },
  'all of': {
    allOf: [
      { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
      { type: 'object', properties: { b: { type: 'boolean' } }, required: ['b'] },
      { properties: { a: { minimum: 10, maximum: 12 } } },
    ],
  },
  'any of beside others': { type: 'string', maxLength: 4, anyOf: [{ minLength: 3 }, { pattern: '^a' }] },
  'two unions': {
    anyOf: [{ type: 'integer' }, { type: 'number' }],
    oneOf: [{ minimum: 5 }, { maximum: 4, type: 'integer' }],
  },
  'a reference with siblings': {
    $ref: '#/$defs/n',
    maximum: 3,
    $defs: { n: { type: 'integer', minimum: 1 } },
  },
  'an anchor': { $ref: '#here', $defs: { n: { $anchor: 'here', type: 'boolean' } } },
  recursion: {
    type: 'object',
    properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    required: ['next'],
    additionalProperties: false,
  },
  'mutual recursion': {
    $ref: '#/$defs/a',
    $defs: {
      a: { type: 'array', items: { $ref: '#/$defs/b' }, maxItems: 2 },
      b: { type: 'object', properties: { a: { $ref: '#/$defs/a' } } },
    },
  },
};
SCHEMAS['two unions'] = {
  anyOf: [{ type: 'integer' }, { type: 'null' }],
  oneOf: [{ enum: [1, 2] }, { enum: [null, 3] }],
};
