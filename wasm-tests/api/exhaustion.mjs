// What everybody may ask of a model whose memory is full: it works, or it is 'out-of-memory', and the model lives.
import assert from 'node:assert/strict';
import { SottoError } from 'sotto';

/** Takes memory until there is none: first in pages of keys and values, then in ever smaller things. Gives what holds it. */
export async function fillMemory(model, ids) {
  const held = [];
  const until = async (most, take) => {
    for (let i = 0; i < most; i++) {
      const error = await Promise.resolve(take(i)).then(
        () => null,
        (reason) => reason,
      );
      if (error === null) continue;
      assertIsMemory(error, 'filling');
      return;
    }
  };
  await until(5000, async (i) => {
    const session = await model.createSession();
    held.push(session);
    await session.append(ids.map((id) => (id + i) % model.info.vocabSize));
  });
  await until(5000, async () => held.push(await model.createSession()));
  await until(200, async () => held.push(await held[0].fork()));
  return held;
}

/** Tries everything, and tells how often it worked and how often there was no memory. */
export async function tryEverything(model, held, ids) {
  const { vocabSize } = model.info;
  const many = (count, each) => Array.from({ length: count }, (_, i) => each(i % vocabSize));
  const generate = (options, prompt = ids.slice(0, 4)) =>
    model.generate(prompt, { maxNewTokens: 4, ...options }).result;
  const draws = {
    temperature: 0.9,
    topK: 40,
    topP: 0.9,
    minP: 0.01,
    typicalP: 0.9,
    epsilonCutoff: 1e-4,
    etaCutoff: 1e-4,
    seed: 1,
  };
  const processors = {
    repetitionPenalty: 1.1,
    frequencyPenalty: 0.1,
    noRepeatNgramSize: 3,
    minNewTokens: 2,
    suppressTokens: [1],
  };
  let saved = null;
  const withSession = async (use) => {
    const session = await model.createSession();
    try {
      await session.append(ids.slice(0, 5));
      return await use(session);
    } finally {
      await session.dispose();
    }
  };
  const operations = {
    createSession: async () => held.push(await model.createSession()),
    fork: async () => held.push(await held[0].fork()),
    append: () => held[0].append([1]),
    tokens: () => held[0].tokens(),
    logits: () => held[0].logits(),
    kv: () => held[0].kv(0),
    memory: () => model.memory(),
    save: async () => {
      saved = await held[0].save();
    },
    restore: async () => saved && held.push(await model.restoreSession(saved)),
    'in a session': () => withSession((session) => session.generate({ maxNewTokens: 2 }).result),
    taps: () =>
      withSession(async (session) => {
        await session.tap(['hidden', 'attention']);
        await session.append(ids.slice(0, 9));
        await session.taps();
      }),
    greedy: () => generate({}),
    'long prompt': () => generate({}, ids),
    drawn: () => generate({ ...draws, ...processors }),
    logprobs: () => generate({ logprobs: vocabSize }),
    'prompt lookup': () => generate({ promptLookup: {} }, ids),
    '1024 answers': () => generate({ temperature: 1, numReturnSequences: 1024, maxNewTokens: 2 }),
    '24 beams': () => generate({ numBeams: 24, ...processors }),
    '1024 beams': () => generate({ numBeams: 1024, maxNewTokens: 2 }),
    contrastive: () => generate({ penaltyAlpha: 0.5, topK: 64 }),
    'all as candidates': () => generate({ penaltyAlpha: 0.5, topK: vocabSize, maxNewTokens: 2 }),
    'bad words': () => generate({ badWords: many(30_000, (i) => [i, (i + 1) % vocabSize, 3]) }),
    'a long list': () =>
      generate({
        suppressTokens: many(300_000, (i) => (i === 7 ? 8 : i))
          .slice(0, 200_000)
          .filter((i) => i % 2),
      }),
    biases: () => generate({ logitBias: Object.fromEntries(many(vocabSize, (i) => [i, 0.1])) }),
    score: () => model.score(ids),
    batch: () =>
      Promise.all(
        model
          .generateBatch(
            many(40, (i) => [i, 1, 2]),
            { maxNewTokens: 2 },
          )
          .map(({ result }) => result),
      ),
  };
  const counts = { worked: 0, failed: 0 };
  for (const [name, operation] of Object.entries(operations)) {
    try {
      await operation();
      counts.worked++;
    } catch (error) {
      assertIsMemory(error, name);
      counts.failed++;
    }
  }
  return counts;
}

function assertIsMemory(error, what) {
  const isMemory = error instanceof SottoError && error.code === 'out-of-memory';
  assert.ok(isMemory, `${what}: ${error?.code ?? ''} ${error?.stack ?? error}`);
}
