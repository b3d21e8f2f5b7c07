// What transformers.test.mjs does not reach: corners of single processors, and what cannot be chosen from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalFloats } from '../kernels/data.mjs';
import { engine, MISALIGNMENTS, withHeap } from '../kernels/heap.mjs';
import { draw, processed, refusal, withSampler } from './run-sampler.mjs';

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: ruledOut } = Number;
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1003];

const idsRuledOut = (logits) => Array.from(logits.keys()).filter((id) => logits[id] === ruledOut);

test('a neutral chain leaves the logits as they are', () => {
  for (const size of SIZES) {
    const logits = normalFloats(size, size, 3);
    for (const misalignment of MISALIGNMENTS) {
      assert.deepEqual(
        processed({ endTokens: [0] }, { prompt: [0], generated: [0] }, logits, misalignment),
        logits,
      );
    }
  }
});

test('penalties reach the first and the last token of every size, misaligned too', () => {
  for (const size of SIZES) {
    const logits = normalFloats(size, size, 3);
    const last = size - 1;
    const expected = logits.slice();
    const penalised = (logit) => Math.fround(logit < 0 ? Math.fround(logit * 2) : Math.fround(logit / 2));
    for (const id of new Set([0, last])) expected[id] = penalised(logits[id]);
    for (const misalignment of MISALIGNMENTS) {
      const options = { repetitionPenalty: 2 };
      const history = { prompt: [last, 0], generated: [0, 0, last] };
      assert.deepEqual(processed(options, history, logits, misalignment), expected, `size ${size}`);
    }
  }
});

test('frequency counts the answer and presence asks for it; the prompt counts for neither', () => {
  const logits = [1, 2, 3, 4];
  const history = { prompt: [0, 0, 3, 3], generated: [1, 2, 1, 1] };
  assert.deepEqual(Array.from(processed({ frequencyPenalty: 0.5 }, history, logits)), [1, 0.5, 2.5, 4]);
  assert.deepEqual(Array.from(processed({ presencePenalty: 0.5 }, history, logits)), [1, 1.5, 2.5, 4]);
  const both = { frequencyPenalty: 0.5, presencePenalty: -0.25 };
  assert.deepEqual(Array.from(processed(both, history, logits)), [1, 0.75, 2.75, 4]);
});

test('a chain that has run leaves no counts behind', () => {
  withHeap((heap) =>
    withSampler({ frequencyPenalty: 1 }, (sampler) => {
      const block = heap.copy(Float32Array.of(0, 0, 0));
      const run = (generated) => {
        sampler.begin(Int32Array.of(0));
        for (const id of generated) sampler.accept(id);
        block.f32().fill(0);
        sampler.process(block.address, 3);
        return Array.from(block.f32());
      };
      assert.deepEqual(run([1, 1]), [0, -2, 0]);
      assert.deepEqual(run([2]), [0, 0, -1]);
      assert.deepEqual(run([]), [0, 0, 0]);
    }),
  );
});

test('minus infinity stays minus infinity under every penalty', () => {
  const options = { repetitionPenalty: 1.5, frequencyPenalty: 1, presencePenalty: 1, logitBias: { 1: 100 } };
  const history = { prompt: [0, 1], generated: [1] };
  assert.deepEqual(idsRuledOut(processed(options, history, [1, ruledOut, 2])), [1]);
});

test('no n-gram is repeated: where the last n - 1 tokens stand earlier, the one behind them is ruled out', () => {
  const logits = new Float32Array(10);
  const bannedAfter = (noRepeatNgramSize, prompt, generated = []) =>
    idsRuledOut(processed({ noRepeatNgramSize }, { prompt, generated }, logits));
  assert.deepEqual(bannedAfter(1, [4, 2, 4]), [2, 4]);
  assert.deepEqual(bannedAfter(2, [1, 2, 1, 3], [1]), [2, 3]);
  assert.deepEqual(bannedAfter(3, [1, 2, 5, 1, 2]), [5]);
  assert.deepEqual(bannedAfter(3, [7, 7, 7]), [7], 'an n-gram that overlaps itself');
  assert.deepEqual(bannedAfter(2, [8, 9]), [], 'the last token is new');
  for (const history of [[], [1], [1, 2], [1, 2, 1]]) {
    assert.deepEqual(bannedAfter(4, history), [], `${history.length} tokens are no 4-gram`);
  }
  assert.deepEqual(bannedAfter(2 ** 31 - 1, [1, 1, 1]), []);
});

test('a bad word is ruled out at its last token, once all others stand there', () => {
  const logits = new Float32Array(10);
  const bannedAfter = (badWords, prompt, endTokens = []) =>
    idsRuledOut(processed({ badWords, endTokens }, { prompt }, logits));
  const words = [[3], [1, 2], [1, 2, 4], [5, 5, 5]];
  assert.deepEqual(bannedAfter(words, []), [3]);
  assert.deepEqual(bannedAfter(words, [1]), [2, 3], 'the whole history is the beginning of a word');
  assert.deepEqual(bannedAfter(words, [9, 1, 2]), [3, 4]);
  assert.deepEqual(bannedAfter(words, [1, 9]), [3]);
  assert.deepEqual(bannedAfter(words, [5, 5, 5]), [3, 5]);
  assert.deepEqual(bannedAfter([[3], [3, 4]], [3], [3]), [4], 'an end token alone is no bad word');
  assert.deepEqual(bannedAfter([], [1]), []);
});

test('end tokens wait for the least number of new tokens', () => {
  const banned = (minNewTokens, generated) =>
    idsRuledOut(processed({ minNewTokens, endTokens: [0, 2] }, { prompt: [1, 1, 1], generated }, [1, 1, 1]));
  assert.deepEqual(banned(2, []), [0, 2]);
  assert.deepEqual(banned(2, [1]), [0, 2]);
  assert.deepEqual(banned(2, [1, 1]), []);
  assert.deepEqual(idsRuledOut(processed({ minNewTokens: 2 }, {}, [1, 1])), [], 'a model without end tokens');
});

test('forced tokens come first, one after the other, whatever the logits', () => {
  const forcedTokens = [2, 0, 2];
  const logits = [5, 9, -40, 7];
  assert.deepEqual(draw({ forcedTokens, temperature: 0 }, logits, 5, { prompt: [1] }), [2, 0, 2, 1, 1]);
  const drawn = draw(
    { forcedTokens, seed: 4, temperature: 1.5, badWords: [[2]], minNewTokens: 3, endTokens: [0] },
    logits,
    3,
  );
  assert.deepEqual(drawn, forcedTokens);
  assert.deepEqual(Array.from(processed({ forcedTokens }, {}, logits)), [ruledOut, ruledOut, 0, ruledOut]);
});

test('processors steer the greedy choice', () => {
  const logits = [1, 5, 4, 3];
  const choose = (options, history) => draw({ temperature: 0, ...options }, logits, 1, history)[0];
  assert.equal(choose({}), 1);
  assert.equal(choose({ suppressTokens: [1] }), 2);
  assert.equal(choose({ logitBias: { 3: 2.5 } }), 3);
  assert.equal(choose({ logitBias: new Map([[1, -1.5]]) }), 2);
  assert.equal(choose({ repetitionPenalty: 1.5 }, { prompt: [1] }), 2);
  assert.equal(choose({ presencePenalty: 1.5 }, { prompt: [1] }), 1);
  assert.equal(choose({ presencePenalty: 1.5 }, { generated: [1] }), 2);
  const alternating = draw({ temperature: 0, noRepeatNgramSize: 1 }, logits, 4);
  assert.deepEqual(alternating, [1, 2, 3, 0], 'what is chosen joins the history');
});

test('when everything is ruled out, the error says so, and the sampler goes on with other logits', () => {
  const everything = { suppressTokens: [0, 1, 2] };
  for (const options of [everything, { ...everything, temperature: 0 }, { noRepeatNgramSize: 1 }]) {
    const { code, message } = refusal(options, [1, 2, 3], { prompt: [0, 1, 2] });
    assert.equal(code, 'bad-option');
    assert.match(message, /nothing can be chosen: .*ruled out/);
  }
  assert.equal(refusal({ forcedTokens: [1], suppressTokens: [1] }, [1, 2, 3]).code, 'bad-option');
  assert.equal(
    refusal(everything, [1, 2, 3, ruledOut]).code,
    'bad-option',
    'the one that is left was impossible',
  );
  assert.deepEqual(draw(everything, [1, 2, 3, -900]), [3]);
});

test("the weights' bad numbers are not the options'", () => {
  for (const logits of [
    [nan, 1],
    [1, infinity],
    [ruledOut, ruledOut],
  ]) {
    assert.equal(refusal({ suppressTokens: [0] }, logits).code, 'bad-file');
    assert.equal(refusal({ suppressTokens: [0], temperature: 0 }, logits).code, 'bad-file');
  }
  const overflow = refusal({ repetitionPenalty: 1e-38 }, [1, 1e10], { prompt: [1] });
  assert.equal(overflow.code, 'bad-option');
  assert.match(overflow.message, /nothing can be chosen: .*infinity/);
});

test('tokens outside of the vocabulary are refused, those of options and those so far', () => {
  const message = /token.* 3; .* 0 to 2/;
  for (const options of [
    { suppressTokens: [3] },
    { forcedTokens: [0, 3] },
    { badWords: [[3, 1]] },
    { logitBias: { 3: 1 } },
    { minNewTokens: 1, endTokens: [3] },
  ]) {
    const { code, message: text } = refusal(options, [1, 2, 3]);
    assert.equal(code, 'bad-token', JSON.stringify(options));
    assert.match(text, message);
  }
  const late = refusal({ presencePenalty: 1 }, [1, 2, 3], { prompt: [0, 3, 1] });
  assert.equal(late.code, 'bad-token');
  assert.match(late.message, /the sequence has the token 3; .* 0 to 2/);
  assert.equal(refusal({ presencePenalty: 1 }, [1, 2, 3], { generated: [-1] }).code, 'bad-token');
});

test('processed logits are a copy that may be changed before the choice', () => {
  withHeap((heap) => {
    const { address } = heap.input(Float32Array.of(1, 5, 4));
    withSampler({ temperature: 0, suppressTokens: [1] }, (sampler) => {
      const row = sampler.processCopy(address, 3);
      assert.deepEqual(Array.from(row), [1, ruledOut, 4]);
      row[0] = 6;
      assert.equal(sampler.choose(), 0);
      sampler.processCopy(address, 3).fill(ruledOut);
      assert.equal(sampler.choose(), -1);
      assert.equal(sampler.status().code, 'bad-option');
      sampler.processCopy(address, 3)[2] = nan;
      assert.equal(sampler.choose(), -1);
      assert.match(sampler.status().message, /nothing can be chosen: .*NaN/);
      assert.equal(sampler.sample(address, 3), 2);
      assert.equal(sampler.status().code, '');
    });
  });
});

test('once it has run, a chain allocates nothing for a token', () => {
  const everything = {
    logitBias: { 1: 0.5 },
    repetitionPenalty: 1.2,
    frequencyPenalty: 0.1,
    presencePenalty: 0.1,
    noRepeatNgramSize: 5,
    badWords: [[1, 2]],
    minNewTokens: 3,
    endTokens: [0],
    suppressTokens: [7],
    temperature: 1.1,
  };
  const filters = [
    { topK: 40 },
    { topK: 2000 },
    { topP: 0.95 },
    { minP: 0.01 },
    { typicalP: 0.9 },
    { etaCutoff: 1e-4, epsilonCutoff: 1e-4 },
    { topK: 900, topP: 0.9, minP: 0.001, typicalP: 0.9 },
  ];
  withHeap((heap) => {
    const logits = normalFloats(3, 5003, 3);
    const { address } = heap.input(logits);
    for (const options of [
      { temperature: 0 },
      everything,
      ...filters.map((each) => ({ ...everything, ...each })),
    ]) {
      withSampler({ ...options, seed: 1 }, (sampler) => {
        sampler.begin(Int32Array.of(1, 2, 3));
        const sample = (count) => {
          for (let i = 0; i < count; ++i) assert.ok(sampler.sample(address, logits.length) >= 0);
        };
        sample(20); // what filters keep varies with the penalties, and so does the room that they need
        const before = engine.countAllocations();
        assert.ok(before > 0);
        sample(100);
        assert.equal(engine.countAllocations() - before, 0, JSON.stringify(options));
      });
    }
  });
});
