// What runs on a backend must not depend on when its passes end, and reads nothing twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateFromPrompts, generateInSession } from '../../build/web/generation/generate.js';
import { SessionSlot } from '../../build/web/generation/session-slot.js';
import { resolveGenerateOptions } from '../../build/web/options/resolve-generate-options.js';
import { fixtureNames } from '../api/support.mjs';
import { listener, modelOn } from './model-on.mjs';

const STRATEGIES = {
  greedy: { temperature: 0 },
  samples: { temperature: 0.9, seed: 5, numReturnSequences: 3 },
  'prompt lookup': { temperature: 0, promptLookup: {} },
  beams: { numBeams: 4, numReturnSequences: 2 },
  'contrastive search': { penaltyAlpha: 0.6, topK: 4 },
};

const resolved = (options, { info }) =>
  resolveGenerateOptions({ ...options, maxNewTokens: 12 }, info).options;

for (const [strategy, options] of Object.entries(STRATEGIES)) {
  test(`${strategy}: passes that end later give the same text`, async (t) => {
    const { reference, model } = await modelOn(t, 'odd-60', { isLate: true });
    const prompt = Int32Array.of(7, 3, 11, 3, 11, 3);
    const { told, caller } = listener();
    await generateFromPrompts(model, [prompt], resolved(options, reference), [caller]);
    const { sequences } = await reference.generate(prompt, { ...options, maxNewTokens: 12 }).result;
    assert.equal(told.output.sequences.length, options.numReturnSequences ?? 1);
    assert.deepEqual(
      told.output.sequences.map(({ tokenIds }) => tokenIds),
      sequences.map(({ tokenIds }) => tokenIds),
    );
  });
}

for (const name of fixtureNames) {
  test(`${name}: a session reads at most one token at the end of beams and of contrastive search`, async (t) => {
    for (const strategy of ['beams', 'contrastive search']) {
      const { reference, model, passes } = await modelOn(t, name, { isLate: false });
      const slot = new SessionSlot(1, model.backend.createSession());
      const prompt = [1, 2, 3, 4];
      await model.backend.pass([{ session: slot.session, ids: prompt }]);
      const { numReturnSequences: _, ...options } = STRATEGIES[strategy];
      const { told, caller } = listener();
      passes.length = 0;
      let nBeforeEnd = null;
      caller.streamer.put = () => {
        nBeforeEnd ??= passes.length; // beams are told of when the search is over
      };
      await generateInSession(model, slot, resolved(options, reference), caller);
      const { tokenIds } = told.output;
      assert.ok(tokenIds.length > 0);
      assert.deepEqual([...slot.session.tokens()], [...prompt, ...tokenIds]);
      if (strategy === 'beams') assert.deepEqual(passes.slice(nBeforeEnd), [1]);
      else assert.ok(passes.slice(1).every((nTokens) => nTokens <= options.topK));
      const expected = model.backend.createSession();
      await model.backend.pass([{ session: expected, ids: [...prompt, ...tokenIds] }]);
      await model.backend.pass([{ session: expected, ids: [5] }]);
      await model.backend.pass([{ session: slot.session, ids: [5] }]);
      assert.deepEqual(slot.session.logits(), expected.logits());
    }
  });
}
