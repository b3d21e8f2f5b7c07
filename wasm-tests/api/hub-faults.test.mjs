// Everything that goes wrong between a hub and the engine: either the model is right, or a typed error says what happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelStore, SottoError } from 'sotto';
import {
  assertLoads,
  bytesSent,
  expectedOf,
  hubOf,
  ID,
  LARGE,
  madeModel,
  newFolder,
  ownCache,
  refusalOf,
} from './hub-support.mjs';
import { settle } from './watchdog.mjs';

ownCache();

const ALWAYS = Number.POSITIVE_INFINITY;
const WEIGHTS = 'model.safetensors';
const SIZE = LARGE[WEIGHTS].length;

function optionsFor(t, hub, more = {}) {
  return {
    endpoint: hub.endpoint,
    store: new ModelStore({ folder: newFolder(t) }),
    retries: 2,
    timeout: 400,
    ...more,
  };
}

/** A fault of the weights, where it says nothing else. */
const ofWeights = (fault) => ({ ...(fault.on !== 'info' && { path: WEIGHTS }), ...fault });

/** So slow that what comes before the cut arrives. */
const CUT = [
  { kind: 'cut', after: 2_000_000 },
  { kind: 'slow', rate: 2e7 },
];

/** Faults that pass: the model is right, and nearly nothing is fetched twice. `again` bytes may be. */
const PASSING = {
  'cut at the first byte': [{ kind: 'cut', after: 0 }],
  'cut in the middle': [{ kind: 'cut', after: 3_000_001 }],
  'cut before the last byte': [{ kind: 'cut', after: SIZE - 1 }],
  'silence in the middle': [{ kind: 'stall', after: 4_500_000 }],
  'no answer at all': [{ kind: 'hang', on: 'cdn' }],
  'a connection that ends before the answer': [{ kind: 'reset', on: 'cdn' }],
  'a body that is too short': [{ kind: 'short', length: 1_000_000 }],
  'a body that is too short and says no length': [{ kind: 'short', length: 1_000_000, isChunked: true }],
  'a body without a length, compressed': [{ kind: 'gzip' }],
  'a page': [{ kind: 'html', on: 'cdn' }],
  'an error in place of the file': [{ kind: 'json-error', on: 'cdn' }],
  'a signature that has expired': [{ kind: 'expired' }],
  'redirects without an end': [{ kind: 'redirect-loop', on: 'cdn' }],
  'a cut, and then no ranges': [...CUT, { kind: 'ignores-range' }, 2_000_000],
  'a cut, and then another part': [...CUT, { kind: 'wrong-total', shift: 5 }, SIZE],
  'a cut, and then another size': [...CUT, { kind: 'wrong-total', total: SIZE + 1 }, SIZE],
  'a cut, and then no such part': [...CUT, { kind: '416' }],
  'a cut, and then a signature that has expired': [...CUT, { kind: 'expired' }],
};
for (const status of [408, 429, 500, 502, 503, 504])
  PASSING[`HTTP ${status}`] = [{ kind: 'status', status, retryAfter: 0, on: 'resolve', path: WEIGHTS }];

/** What is sent again at most, where parts of what is wrong were sent before it was seen. */
const BUFFERS = 3 << 20;

for (const [name, faults] of Object.entries(PASSING)) {
  test(`passes: ${name}`, async (t) => {
    const hub = await hubOf(t, LARGE);
    const again = faults.find((part) => typeof part === 'number') ?? 0;
    const rules = faults
      .filter((part) => typeof part === 'object')
      .map((fault) => hub.faults.add(ofWeights(fault)));
    const info = await assertLoads(ID, optionsFor(t, hub), LARGE);
    assert.deepEqual(info.notices, []);
    for (const { kind, hits } of rules) assert.equal(hits, 1, kind);
    assert.ok(bytesSent(hub) <= SIZE + again + BUFFERS, `${bytesSent(hub)} of ${SIZE} bytes`);
  });
}

/** Faults that do not pass. */
const LASTING = {
  'cut after cut, which gets no further': [
    { kind: 'cut', after: 100 },
    'network',
    /cut after \d+ of \d+ bytes/,
  ],
  'no answer at all': [{ kind: 'hang', on: 'resolve', path: WEIGHTS }, 'network', /nothing came for 0\.4 s/],
  'silence in the middle': [
    { kind: 'stall', after: 100 },
    'network',
    /cut after \d+ .*nothing came for 0\.4 s/,
  ],
  'HTTP 500': [{ kind: 'status', status: 500, on: 'cdn' }, 'network', /HTTP 500.*try again later/],
  'HTTP 429 on the list': [
    { kind: 'status', status: 429, rateLimitT: 0, on: 'info' },
    'network',
    /HTTP 429.*rate limit/,
  ],
  'an error in place of the list': [{ kind: 'json-error', on: 'info' }, 'network', /rate limit/],
  'an error in place of the file': [{ kind: 'json-error', on: 'cdn' }, 'network', /did not send the file/],
  'a flipped byte': [{ kind: 'flip', offset: 4_500_000 }, 'bad-file', /SHA-256/],
  'a flipped byte in the header': [{ kind: 'flip', offset: 2 }, 'bad-file', /./],
  'zeros in place of bytes': [{ kind: 'zero', begin: 4_000_000, end: 4_000_100 }, 'bad-file', /SHA-256/],
  'a flipped byte in config.json': [
    { kind: 'flip', path: 'config.json', offset: 3, on: 'resolve-cache' },
    'bad-file',
    /SHA-1/,
  ],
  'a path in other letters': [
    { kind: 'case', path: WEIGHTS, on: 'resolve' },
    'file-not-found',
    /model\.safetensors/,
  ],
  'an expired signature each time': [{ kind: 'expired' }, 'network', /HTTP 403/],
  'redirects without an end': [{ kind: 'redirect-loop', on: 'resolve' }, 'network', /./],
};
for (const [name, [fault, code, message]] of Object.entries(LASTING)) {
  test(`lasts, and is told: ${name}; afterwards the model loads`, async (t) => {
    const hub = await hubOf(t, LARGE);
    const rule = hub.faults.add({ ...ofWeights(fault), times: ALWAYS });
    const options = optionsFor(t, hub, { retries: 1 });
    const { outcome } = await settle(name, async () => ({ outcome: await refusalOf(ID, options) })).then(
      ({ value, error }) => value ?? Promise.reject(error),
    );
    assert.equal(outcome.code, code, outcome.message);
    assert.match(outcome.message, message);
    rule.remove();
    await assertLoads(ID, options, LARGE);
  });
}

test('it is waited as long as the hub says, and not long for what does not say', async (t) => {
  const hub = await hubOf(t, madeModel(1));
  for (const asked of [{ retryAfter: 1 }, { rateLimitT: 1 }]) {
    hub.faults.add({ kind: 'status', status: 429, ...asked, on: 'info' });
    const began = performance.now();
    await assertLoads(ID, optionsFor(t, hub), madeModel(1));
    const ms = performance.now() - began;
    assert.ok(ms >= 1_000 && ms < 8_000, `${ms} ms`);
  }
  hub.faults.add({ kind: 'status', status: 429, rateLimitT: 4_000, on: 'info' });
  const began = performance.now();
  assert.equal((await refusalOf(ID, optionsFor(t, hub))).code, 'network');
  assert.ok(performance.now() - began < 1_000);
});

test('a wait can be aborted', async (t) => {
  const hub = await hubOf(t, madeModel(1));
  hub.faults.add({ kind: 'status', status: 429, rateLimitT: 200, on: 'info' });
  const { error } = await settle('aborted', () =>
    assertLoads(ID, optionsFor(t, hub, { signal: AbortSignal.timeout(100) }), LARGE),
  );
  assert.equal(error.name, 'TimeoutError');
});

test('signatures that expire in the middle of a long transfer', async (t) => {
  const hub = await hubOf(t, LARGE, { signedMs: 1_000 });
  for (const fault of CUT) hub.faults.add(ofWeights(fault));
  const onProgress = ({ loaded }) => loaded > 1e6 && hub.clock.advance(5_000);
  await assertLoads(ID, optionsFor(t, hub, { onProgress }), LARGE);
  assert.equal(hub.log.filter(({ kind }) => kind === 'cdn').length, 2);
  assert.ok(bytesSent(hub) < SIZE + BUFFERS);
});

/** Of every request; reliability.test.mjs has more of them. */
for (const seed of [1, 2]) {
  test(`random faults: right or a typed error (${seed})`, async (t) => {
    const files = madeModel(seed);
    const hub = await hubOf(t, files);
    const expected = await expectedOf(files);
    hub.randomFaults(seed, 0.25);
    let nRight = 0;
    for (let i = 0; i < 5; i++) {
      const options = optionsFor(t, hub, { retries: 3 });
      const { error } = await settle(`${i}`, () => assertLoads(ID, options, files));
      if (error === undefined) nRight++;
      else assert.ok(error instanceof SottoError, error.stack);
    }
    assert.ok(expected.length > 0 && nRight > 0);
  });
}
