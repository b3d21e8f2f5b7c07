// workerd, Cloudflare's runtime: modules are named in a configuration, and a program answers requests.
import { join } from 'node:path';
import { freePort, runProgram, startProgram } from '../programs.mjs';

const WASM = 'sotto/wasm/simd.wasm';
const MODEL = 'node_modules/sotto-tiny-stories';

const FILES = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];

/** The program: what it imports beside sotto are the bytes of the model's files, and the compiled engine. */
const PROGRAM = `import { LanguageModel } from 'sotto/edge';
import module from '${WASM}';
${FILES.map((name, index) => `import file${index} from './model/${name}';`).join('\n')}
import { tell } from './story.js';

const files = { ${FILES.map((name, index) => `'${name}': file${index}`).join(', ')} };

export default {
  async fetch(request) {
    if (!request.url.endsWith('/tell')) return new Response('ready');
    return Response.json(await tell(() => LanguageModel.load(files, { wasm: { module } })));
  },
};
`;

const configOf = (port) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [
    (name = "main.js", esModule = embed "out/main.js"),
    (name = "${WASM}", wasm = embed "node_modules/sotto/dist/wasm/simd.wasm"),
${FILES.map((name) => `    (name = "model/${name}", data = embed "${MODEL}/${name}"),`).join('\n')}
  ],
  compatibilityDate = "2026-01-01",
);
`;

/** @type {import('../harness.mjs').Run} */
export async function inWorkerd(harness, name) {
  const port = await freePort();
  const project = await harness.project(name, { 'main.js': PROGRAM, 'config.capnp': configOf(port) });
  const options = { cwd: project, env: harness.environment };
  const outside = [WASM, './model/*'].map((path) => `--external:${path}`);
  const conditions = '--conditions=workerd,worker,browser';
  const build = ['main.js', '--bundle', '--format=esm', '--outdir=out', conditions, ...outside];
  await runProgram([harness.tool('esbuild'), ...build], options);
  const url = `http://127.0.0.1:${port}/`;
  const serve = [harness.tool('workerd'), 'serve', join(project, 'config.capnp')];
  const stop = await startProgram(serve, options, url);
  try {
    return await (await fetch(`${url}tell`)).json();
  } finally {
    stop();
  }
}
