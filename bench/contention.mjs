// Decoding with one and with two threads, alone and while another process burns a processor. Prints one line of JSON:
// tokens per second. node bench/contention.mjs MODEL_FOLDER
import { spawn } from 'node:child_process';
import { LanguageModel } from 'sotto';
import { median } from './statistics.mjs';

const ROUNDS = 5;
const STEPS = 48;
const ids = Array.from({ length: 16 }, (_, i) => (i * 7919 + 11) % 50_000);

const models = {};
for (const threads of [1, 2])
  models[threads] = await LanguageModel.load(process.argv[2], { weights: 'q8', threads, prefixCache: 0 });

async function measure() {
  const figures = { 1: [], 2: [] };
  for (let round = -1; round < ROUNDS; round++) {
    for (const threads of [1, 2]) {
      const { timings } = await models[threads].generate(ids, { maxNewTokens: STEPS, temperature: 0 }).result;
      if (round >= 0) figures[threads].push(timings.tokensPerSecond);
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([threads, values]) => [threads, median(values)]));
}

const alone = await measure();
const burner = spawn(process.execPath, ['-e', 'for (;;);']);
const contended = await measure().finally(() => burner.kill('SIGKILL'));
for (const model of Object.values(models)) await model.dispose();
console.log(JSON.stringify({ alone, contended }));
