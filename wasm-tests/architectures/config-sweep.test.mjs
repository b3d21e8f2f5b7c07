// Whatever stands at a key of a published config: a config with finite numbers, or an error that names the problem.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { PUBLISHED } from './published-configs.mjs';

const VALUES = [
  ...[undefined, null, true, false, '', '7', 'constructor', [], [7], [[]], [[[]]], {}, { type: 'yarn' }],
  ...[0, -0, 1, -1, 2, 3, 0.5, 1e-46, -1e-46, 1e-9, 2 ** 31, 2 ** 53, 1e39, 1e300, -1e300],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[new Array(2000).fill('full_attention'), [['global', 'local'], 1e9], [[['global'], -1]]],
];

/** Every place in an object, as a list of keys. */
function placesIn(object, path = []) {
  return Object.entries(object).flatMap(([key, value]) => {
    const place = [...path, key];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? [place, ...placesIn(value, place)] : [place];
  });
}

function withValue(object, [key, ...rest], value) {
  return { ...object, [key]: rest.length === 0 ? value : withValue(object[key], rest, value) };
}

function assertFinite(value, path = '') {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  if (typeof value !== 'object' || value === null) return assert.notEqual(value, undefined, path);
  for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
}

for (const [name, { config }] of Object.entries(PUBLISHED)) {
  test(`${name}: no value at any key is run wrong or fails without a name`, () => {
    for (const place of placesIn(config)) {
      for (const value of VALUES) {
        const where = `${place.join('.')} = ${JSON.stringify(value)?.slice(0, 40)}`;
        try {
          assertFinite(mapModel(withValue(config, place, value)).config, where);
        } catch (error) {
          assert.equal(error.name, 'SottoError', `${where}: ${error.stack}`);
          assert.ok(['bad-config', 'unsupported-model'].includes(error.code), `${where}: ${error.code}`);
          assert.ok(error.message.length < 600, `${where}: ${error.message.length}`);
        }
      }
    }
  });
}
