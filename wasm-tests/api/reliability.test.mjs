// What is kept of models when processes are killed, when two write at once, and when the hub fails at random: never wrong
// weights, never a hang, and little is fetched twice. A small share of it runs with all tests; the whole, whose figures
// docs/stores.md has, by
//   SOTTO_ALL=1 node --test wasm-tests/api/reliability.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LanguageModel, ModelStore, SottoError } from 'sotto';
import { makeRandom } from '../text/random-texts.mjs';
import { bytesSent, expectedOf, hubOf, ID, madeModel, newFolder, tokensOf } from './hub-support.mjs';
import { randomModel } from './make-weights.mjs';
import { Random } from './session-reference.mjs';
import { settle } from './watchdog.mjs';

const isWhole = process.env.SOTTO_ALL === '1';
const HUBS = isWhole ? 10 : 3; // at once, with random faults
const MOST_TWICE = 0.05; // of the bytes: the block that is gathered, and the one that is written
const MOST_MS = 120_000; // of a process: longer ones hang
const CHILD = fileURLToPath(new URL('reliability-child.mjs', import.meta.url));
const WEIGHTS = 'model.safetensors';

/** A fast connection, and still slower than disks are: what lies in buffers when a process is killed is little. */
const SPEED = { kind: 'slow', path: WEIGHTS, rate: 3e7 };

/** 109 MB, of which a block is a small part, or 9 MB. */
const SHAPE = isWhole
  ? { n_positions: 64, n_embd: 512, n_head: 8, n_layer: 8, vocab_size: 4000 }
  : { n_positions: 64, n_embd: 144, n_head: 4, n_layer: 8, vocab_size: 1600 };

/** A model on the disk, a hub that has it, and what it must say. */
async function served(t, shape) {
  const folder = newFolder(t);
  const names = Object.entries(randomModel(shape, new Random(1))).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return [name, bytes.length];
  });
  const files = Object.fromEntries(names.map(([name]) => [name, { path: join(folder, name) }]));
  const hub = await hubOf(t, files);
  const { tokens } = await start({ source: `${folder}/` }).outcome;
  assert.equal(tokens.length, 6);
  return { hub, tokens, size: Object.fromEntries(names)[WEIGHTS] };
}

/** Starts a process; its outcome is what it prints, or null where it was killed. */
function start(options) {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, MOST_MS);
  const outcome = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    assert.ok(!isLate, 'it hangs');
    if (signal === 'SIGKILL') return null;
    assert.equal(code, 0);
    return JSON.parse(Buffer.concat(chunks));
  });
  return { child, outcome };
}

/** Kills loads in some way, each in an empty folder, and loads again. */
async function killAndLoad(t, { times, kill }) {
  const { hub, tokens, size } = await served(t, SHAPE);
  const random = new Random(7);
  const parent = newFolder(t);
  let [nKilled, nTwice, most] = [0, 0, 0];
  for (let i = 0; i < times; i++) {
    const folder = join(parent, String(i));
    hub.log.length = 0;
    hub.faults.clear();
    const options = { source: ID, endpoint: hub.endpoint, folder };
    if ((await kill({ hub, options, random, size })) === null) nKilled++;
    const { tokens: told, notices } = await start(options).outcome;
    assert.deepEqual(told, tokens, `wrong weights after kill ${i}`);
    assert.deepEqual(notices, []);
    const twice = bytesSent(hub) - size;
    assert.ok(twice >= 0);
    nTwice += twice;
    most = Math.max(most, twice);
    rmSync(folder, { recursive: true });
  }
  const share = nTwice / (times * size);
  t.diagnostic(
    `${nKilled} of ${times} loads of ${(size / 1e6).toFixed(0)} MB were killed; 0 wrong weights; fetched twice: ` +
      `${(100 * share).toFixed(2)} % (at most ${(most / 1e6).toFixed(1)} MB)`,
  );
  assert.ok(nKilled >= 0.9 * times);
  if (isWhole) assert.ok(share < MOST_TWICE, `${share}`);
}

test('killed at random bytes of a download', (t) =>
  killAndLoad(t, {
    times: isWhole ? 50 : 2,
    async kill({ hub, options, random, size }) {
      const after = Math.floor(random.next() * size);
      hub.faults.add({ kind: 'stall', path: WEIGHTS, after });
      hub.faults.add(SPEED);
      const { child, outcome } = start(options);
      const isThere = () => hub.log.some(({ kind, bytesSent }) => kind === 'cdn' && bytesSent === after);
      while (!isThere() && child.exitCode === null) await sleep(1);
      await sleep(100 * random.next());
      child.kill('SIGKILL');
      return outcome;
    },
  }));

test('killed at random points of the writes of a store', async (t) => {
  let nSteps = null;
  await killAndLoad(t, {
    times: isWhole ? 50 : 2,
    async kill({ hub, options, random }) {
      if (nSteps === null) {
        const folder = `${options.folder}-whole`;
        nSteps = (await start({ ...options, folder }).outcome).nSteps;
        rmSync(folder, { recursive: true });
        assert.ok(nSteps > 10);
        hub.log.length = 0;
      }
      hub.faults.add(SPEED);
      const step = 1 + Math.floor(random.next() * nSteps);
      return start({ ...options, killAt: { step, part: random.next() } }).outcome;
    },
  });
});

test('two processes that load the same model into the same folder at once', async (t) => {
  const { hub, tokens } = await served(t, { ...SHAPE, n_embd: 144, n_head: 4, vocab_size: 1600 });
  const parent = newFolder(t);
  const times = isWhole ? 50 : 1;
  for (let i = 0; i < times; i++) {
    const options = { source: ID, endpoint: hub.endpoint, folder: join(parent, String(i)) };
    const both = await Promise.all([0, 1].map(() => start(options).outcome));
    for (const outcome of both) {
      assert.deepEqual(outcome.tokens, tokens, `wrong weights of pair ${i}`);
      assert.deepEqual(outcome.notices, []);
    }
    const [kept] = await new ModelStore({ folder: options.folder }).list();
    assert.ok(kept.isComplete);
    rmSync(options.folder, { recursive: true });
  }
  t.diagnostic(`2 x ${times} processes: 0 wrong weights, 0 hangs`);
});

test('random faults of the hub', async (t) => {
  const wanted = isWhole ? 1000 : 15;
  const files = madeModel(1);
  const tokens = await expectedOf(files);
  const parent = newFolder(t);
  const codes = {};
  let [nFaults, nLoads, nRight] = [0, 0, 0];
  const oneHub = async (seed) => {
    const hub = await hubOf(t, files);
    const draw = makeRandom(seed);
    const faults = hub.randomFaults(seed, 0.35);
    const countOf = () => Object.values(faults.counts).reduce((sum, count) => sum + count, 0);
    while (countOf() < wanted / HUBS) {
      // Into an empty folder, or one in which other loads have failed.
      const folder = join(parent, `${seed}-${draw(3)}`);
      mkdirSync(folder, { recursive: true });
      const options = {
        endpoint: hub.endpoint,
        store: new ModelStore({ folder }),
        retries: draw(5),
        timeout: 2_000,
      };
      const label = `seed ${seed}, load ${nLoads++}`;
      const { value, error } = await settle(label, () => toldBy(options), 60_000);
      if (error === undefined) {
        assert.deepEqual(value, tokens, `wrong weights: ${label}`);
        nRight++;
      } else {
        assert.ok(error instanceof SottoError, error?.stack ?? error);
        codes[error.code] = (codes[error.code] ?? 0) + 1;
      }
      if (draw(2) === 0) rmSync(folder, { recursive: true });
    }
    nFaults += countOf();
  };
  await Promise.all(Array.from({ length: HUBS }, (_, i) => oneHub(i + 1)));
  t.diagnostic(
    `${nFaults} faults in ${nLoads} loads: ${nRight} loads right, 0 wrong weights, 0 hangs, errors by their codes: ` +
      JSON.stringify(codes),
  );
  assert.ok(nFaults >= wanted && nRight > 0);
});

async function toldBy(options) {
  const model = await LanguageModel.load(ID, options);
  try {
    return await tokensOf(model);
  } finally {
    await model.dispose();
  }
}
