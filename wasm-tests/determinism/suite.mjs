// The test of one host: it computes what all the others compute.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { UserError } from '../../tools/lib/console.mjs';
import {
  committedHashes,
  DOT_FORMS,
  ENGINES,
  MODELS,
  ODD_CUT,
  quantizedTypes,
  WEIGHTS,
  withDotForms,
} from './table.mjs';

/**
 * Defines a test for every model and type of weights.
 *
 * @param {object} host
 * @param {string} host.name
 * @param {() => Promise<import('./hosts.mjs').Host>} host.start
 * @param {boolean} host.hasRelaxed whether it must have relaxed SIMD; one that need not is free to have it
 * @param {(number | 'whole')[]} [host.cuts] of the prompt, for the first and the last of the builds; others get an odd one
 * @param {string[]} [host.dotForms] those that are exact in it
 * @param {typeof MODELS} [host.models]
 * @param {typeof ENGINES} [host.engines]
 */
export function testHost({
  name,
  start,
  hasRelaxed,
  cuts = ODD_CUT,
  dotForms = DOT_FORMS,
  models = MODELS,
  engines = ENGINES,
}) {
  const committed = committedHashes();
  let host;
  let absent; // why there is no host
  before(async () => {
    try {
      host = await start();
    } catch (error) {
      // A developer's machine may lack it; where all tests count, it has to be there.
      if (process.env.CI || !(error instanceof UserError)) throw error;
      absent = error.message;
    }
  });
  after(() => host?.close());

  /** What differs from the committed hashes, a line each. */
  async function differences(model, weights, engine) {
    const isAtAnEnd = [engines[0], engines.at(-1)].some(
      ({ variant, threads }) => variant === engine.variant && threads === engine.threads,
    );
    const chunks = isAtAnEnd ? cuts : ODD_CUT;
    const job = { model, weights, engine, chunks };
    let result;
    try {
      result = await host.run(job);
    } catch (error) {
      if (hasRelaxed || !/no relaxed SIMD/.test(error.message)) throw error;
      return []; // every other build is compared
    }
    const { variant, threads, dotForms: ran, hashes } = result;
    const { dotForm, ...build } = engine;
    assert.deepEqual({ variant, threads }, build, `what runs in ${name}`);
    const types = dotForm === undefined ? [] : quantizedTypes(model, weights);
    assert.deepEqual(ran, Object.fromEntries(types.map((type) => [type, dotForm])), `what runs in ${name}`);
    const expected = committed[model.name][weights];
    return chunks.flatMap((chunk, i) =>
      ['tokens', 'logits']
        .filter((kind) => hashes[i][kind] !== expected[kind])
        .map(
          (kind) =>
            `${kind} of ${model.name}, ${weights}, ${variant}, threads: ${threads}, ${dotForm ?? 'no form'}, chunks: ${chunk}, ` +
            `in ${name}: ${hashes[i][kind]}, not ${expected[kind]}`,
        ),
    );
  }

  for (const model of models) {
    for (const weights of WEIGHTS) {
      test(`${name}: ${model.name}, ${weights}: tokens and logits are those of every host`, async (t) => {
        if (absent !== undefined) return t.skip(absent);
        const found = [];
        for (const engine of withDotForms(engines, quantizedTypes(model, weights), dotForms)) {
          found.push(...(await differences(model, weights, engine)));
        }
        assert.deepEqual(found, []);
      });
    }
  }
}
