// The peers' benchmark, where there is one: BENCH_PEERS names its folder, and its own set-up prints what else it wants to
// have in the environment (BENCH_LIB, BENCH_MODELS, BENCH_NATIVE). Each measurement prints one line of JSON there.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folder = process.env.BENCH_PEERS;
const MODEL = 'gpt2';

async function runPeer(script, options) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, script), ...args], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });
  const row = JSON.parse(stdout.trim().split('\n').at(-1));
  if (row.error) throw new Error(`${script} ${args.join(' ')}: ${row.error}`);
  return {
    decode: row.decode_tok_s.median,
    prefill: Object.fromEntries(Object.entries(row.prefill).map(([k, { ttft_s }]) => [k, ttft_s.median])),
    loadSeconds: row.load_s?.median,
    peakBytes: row.peak_rss_mb === undefined ? undefined : row.peak_rss_mb.median * 2 ** 20,
  };
}

/** Native llama.cpp by its own benchmark. `prefill` are seconds by the number of tokens, `decode` tokens a second. */
const native = (dtype, threads) => runPeer('bench_llamacpp.mjs', { model: MODEL, dtype, threads, runs: 1 });

const inBrowser = (peer, dtype, threads, more = {}) =>
  runPeer('bench_browser.mjs', { peer, model: MODEL, dtype, threads, coi: threads - 1, runs: 1, ...more });

/** What a round measures of the peers, by name; null where they are not here. */
export const PEERS =
  folder === undefined
    ? null
    : {
        'llama.cpp q8_0': (threads) => native('q8_0', threads),
        'llama.cpp q4_0': (threads) => native('q4_0', threads),
        'transformers.js q8': (threads) => inBrowser('transformersjs', 'q8', threads),
        'wllama q8_0': (threads) => inBrowser('wllama', 'q8_0', threads, { long: 0 }),
      };

/** The model that all of them run, and its prompts; null where there are no peers. */
export const peersModel =
  folder === undefined
    ? null
    : {
        folder: join(process.env.BENCH_MODELS, MODEL),
        ids: Object.fromEntries(
          Object.entries(JSON.parse(readFileSync(join(folder, 'prompts.json'), 'utf8'))).map(
            ([k, { ids }]) => [k, ids],
          ),
        ),
      };
