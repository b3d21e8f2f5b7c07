// npm run bench: prints the figures as a table. With `-- --record`, also appends them to bench/results.md.
import { execFile, execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { makeRandomGpt2 } from './random-gpt2.mjs';
import { median } from './statistics.mjs';

const RUNS = 5;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = promisify(execFile);

async function runScript(script, ...args) {
  const { stdout } = await node(process.execPath, [here(script), ...args], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The median of the runs' figures under `key`. */
const medianOf = (runs, key) => median(runs.map((run) => run[key]));

/** The medians over processes in which the model and the bare products take turns at being loaded first. */
async function measureSpeed(folder) {
  const runs = [];
  for (let i = 0; i < RUNS + 1; i++) {
    runs.push(await runScript('generation.mjs', folder, ...(i % 2 === 0 ? ['--products-first'] : [])));
  }
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, medianOf(runs, key)]));
}

async function repeat(script, folder) {
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await runScript(script, folder));
  return runs;
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const row = (...cells) => `| ${cells.join(' | ')} |`;

async function main() {
  const gpt2 = await makeRandomGpt2(here('../build/bench/gpt2'));
  const speed = await measureSpeed(gpt2);
  const loads = await repeat('loading.mjs', gpt2);
  const embedded = await repeat('loading.mjs', here('../demo/models/tiny-stories'));
  let shipped = 0;
  for (const file of ['simd.wasm', 'simd.js'])
    shipped += gzipSync(await readFile(here(`../dist/wasm/${file}`)), { level: 9 }).length;

  const weights = loads[0].weightBytes;
  const peak = medianOf(loads, 'peak');
  const percent = (share) => `${Math.round(100 * share)} %`;
  const table = [
    row('GPT-2 124M, f32, 1 thread, Node', 'products alone', 'whole', 'share', 'target'),
    row('---', '---', '---', '---', '---'),
    row(
      `decode at ${speed.context} tokens of context`,
      `${speed.decodeProducts.toFixed(1)} ms`,
      `${speed.decode.toFixed(1)} ms, ${(1000 / speed.decode).toFixed(1)} tokens/s`,
      percent(speed.decodeShare),
      '>= 80 %',
    ),
    row(
      `prefill of ${speed.promptTokens} tokens`,
      `${speed.prefillProducts.toFixed(0)} ms`,
      `${speed.prefill.toFixed(0)} ms, ${((1000 * speed.promptTokens) / speed.prefill).toFixed(0)} tokens/s`,
      percent(speed.prefillShare),
      '>= 70 %',
    ),
    '',
    row('loading', 'figure', 'target'),
    row('---', '---', '---'),
    row(
      'GPT-2 124M, peak of the whole process',
      megabytes(peak),
      `< ${megabytes(weights + 80e6)} (weights + 80 MB)`,
    ),
    row('of it before loading (Node itself)', megabytes(medianOf(loads, 'before')), ''),
    row('GPT-2 124M, time', `${(medianOf(loads, 'loadMs') / 1000).toFixed(2)} s`, ''),
    row('embedded model, time', `${(medianOf(embedded, 'loadMs')).toFixed(0)} ms`, '< 300 ms'),
    row('wasm and glue, gzip', `${(shipped / 1000).toFixed(1)} KB`, '< 120 KB'),
  ].join('\n');
  console.log(table);

  if (process.argv.includes('--record')) {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    const machine = `${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}`;
    const date = new Date().toISOString().slice(0, 10);
    await appendFile(
      here('results.md'),
      `\n## ${date}, commit ${commit}\n${machine}; medians of ${RUNS}.\n\n${table}\n`,
    );
  }
}

await main();
