// The peers' benchmark, where there is one: BENCH_PEERS names its folder, and its own set-up prints what else it wants to
// have in the environment (BENCH_LIB, BENCH_MODELS, BENCH_NATIVE). Each measurement prints one line of JSON there.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folder = process.env.BENCH_PEERS;
const modelFolder = (model) => join(process.env.BENCH_MODELS, model);

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

/**
 * What a round measures of the peers that run this model, by name; null where they are not here.
 *
 * @returns {Record<string, (threads: number) => Promise<object>> | null} `prefill` are seconds by the number of tokens, `decode`
 *   tokens a second
 */
export function peersOf(model) {
  if (folder === undefined) return null;
  // Native llama.cpp by its own benchmark.
  const native = (dtype) => (threads) => runPeer('bench_llamacpp.mjs', { model, dtype, threads, runs: 1 });
  const inBrowser =
    (peer, dtype, more = {}) =>
    (threads) =>
      runPeer('bench_browser.mjs', { peer, model, dtype, threads, coi: threads - 1, runs: 1, ...more });
  const peers = {};
  for (const dtype of ['q8_0', 'q4_0', 'q4_k_m']) {
    peers[`llama.cpp ${dtype}`] = native(dtype);
    peers[`wllama ${dtype}`] = inBrowser('wllama', dtype, { long: 0 });
  }
  if (existsSync(join(modelFolder(model), 'onnx'))) {
    peers['transformers.js q8'] = inBrowser('transformersjs', 'q8');
  }
  return peers;
}

/** The GGUF file of a type that all of them run, in the model's folder; null where it was not made. */
export function peersGguf(model, dtype) {
  const file = `gguf/${model}-${dtype}.gguf`;
  return folder !== undefined && existsSync(join(modelFolder(model), file)) ? file : null;
}

/** The folder of the model that all of them run, and its prompts; null where there are no peers. */
export function peersModel(model) {
  if (folder === undefined) return null;
  const prompts = JSON.parse(readFileSync(join(folder, 'prompts.json'), 'utf8'));
  const ids = Object.fromEntries(Object.entries(prompts).map(([length, prompt]) => [length, prompt.ids]));
  return { folder: modelFolder(model), ids };
}
