// Loads one model in a process of its own and prints what it cost, as one line of JSON.
//   node bench/loading.mjs MODEL_FOLDER
import { readFile } from 'node:fs/promises';
import { LanguageModel } from 'sotto';

/** The most memory this process has held, in bytes (Linux: VmHWM). */
async function peakBytes() {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1024;
}

const before = await peakBytes();
const start = performance.now();
const model = await LanguageModel.load(process.argv[2]);
const loadMs = performance.now() - start;
console.log(JSON.stringify({ loadMs, weightBytes: model.info.weightBytes, before, peak: await peakBytes() }));
await model.dispose();
