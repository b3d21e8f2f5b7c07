// Runs in the page: a second turn with and without what was kept of the first, and forks, through the public API and in
// an engine without a worker.
import { mapModel } from '/modules/architectures/architectures.js';
import { toTensorRequest } from '/modules/architectures/placement.js';
import { Engine } from '/modules/engine/engine.js';
import { readSafetensors } from '/modules/formats/safetensors.js';
import { LanguageModel } from '/sotto/index.js';
import { median, takeTurns } from './pairs.js';
import { prompt } from './prompts.js';

const HISTORY = 512; // tokens
const TURN = 16; // tokens of the second question
const FORKED = 900; // tokens of a session that is forked
const FORKS = 50;

const greedy = { maxNewTokens: 1, temperature: 0 };

/** Milliseconds from the question to its first token at the page. */
async function firstToken(generate) {
  const start = performance.now();
  let first;
  const { usage } = await generate({
    ...greedy,
    onToken: () => {
      first ??= performance.now() - start;
    },
  }).result;
  return { first, usage };
}

/** Seconds and ratios: a text that is read whole, one of whose beginning the prefix cache has, one in a session. */
function measureSecondTurn(model) {
  let variety = 1;
  const expect = (usage, cached) => {
    if (usage.cachedTokens !== cached)
      throw new Error(`${usage.cachedTokens} tokens were cached, not ${cached}`);
  };
  return takeTurns(5, {
    cold: async () => {
      const text = prompt(HISTORY + TURN, variety++);
      const { first, usage } = await firstToken((options) => model.generate(text, options));
      expect(usage, 0);
      return first / 1000;
    },
    'prefix cache': async () => {
      const text = prompt(HISTORY + TURN, variety++);
      await model.generate(text.slice(0, HISTORY), greedy).result;
      const { first, usage } = await firstToken((options) => model.generate(text, options));
      expect(usage, HISTORY);
      return first / 1000;
    },
    session: async () => {
      const text = prompt(HISTORY + TURN, variety++);
      const session = await model.createSession();
      await session.append(text.slice(0, HISTORY));
      const start = performance.now();
      await session.append(text.slice(HISTORY));
      const { first } = await firstToken((options) => session.generate(options));
      const all = first === undefined ? Number.NaN : performance.now() - start;
      await session.dispose();
      return all / 1000;
    },
  });
}

/** @returns {Promise<{ ms: number, bytes: number }>} of one fork: the median, and all bytes by their number */
async function measureForks(fork, bytesInUse) {
  const before = await bytesInUse();
  const forks = [];
  const times = [];
  for (let i = 0; i < FORKS; i++) {
    const start = performance.now();
    forks.push(await fork());
    times.push(performance.now() - start);
  }
  const bytes = ((await bytesInUse()) - before) / FORKS;
  for (const made of forks) await made.dispose();
  return { ms: median(times), bytes };
}

async function forkInPage(model) {
  const session = await model.createSession();
  await session.append(prompt(FORKED, 0));
  return measureForks(
    () => session.fork(),
    async () => (await model.memory()).bytesInUse,
  );
}

/** The model in an engine of the page's own thread. */
async function loadIntoEngine(weights) {
  const engine = await Engine.create({ threads: 1 });
  const mapping = mapModel(await (await fetch('/model/config.json')).json());
  const model = engine.createModel(mapping.config, { weights });
  const response = await fetch('/model/model.safetensors');
  const file = {
    name: 'model.safetensors',
    size: Number(response.headers.get('content-length')),
    stream: () => response.body,
  };
  for await (const { tensor, chunks } of readSafetensors(file)) {
    const placement = mapping.tensor(tensor.name);
    if (placement === 'skip') continue;
    const writer = model.beginTensor(toTensorRequest(placement, tensor));
    for await (const chunk of chunks) writer.write(chunk);
    writer.end();
  }
  model.finish();
  return { engine, model };
}

async function forkInEngine(weights) {
  const { engine, model } = await loadIntoEngine(weights);
  const session = model.createSession();
  session.append(prompt(FORKED, 0));
  const figures = await measureForks(
    () => session.fork(),
    () => engine.memory().bytesInUse,
  );
  engine.dispose();
  return figures;
}

/** @param {{ weights: string, threads: number }} options */
export async function measureSessions(options) {
  const model = await LanguageModel.load('/model/', options);
  const secondTurn = await measureSecondTurn(model);
  const fork = { page: await forkInPage(model) };
  await model.dispose();
  if (options.threads === 1) fork.engine = await forkInEngine(options.weights);
  return { secondTurn, fork };
}
