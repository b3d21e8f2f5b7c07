// Run with --wasm-max-mem-pages: WebAssembly's memory cannot grow beyond, as on a device that has no more.
import { LanguageModel } from 'sotto';
import { fillMemory, tryEverything } from './exhaustion.mjs';
import { fixturePath } from './support.mjs';

const [weights, nIds] = process.argv.slice(2);
const model = await LanguageModel.load(fixturePath('odd-60'), {
  weights,
  worker: false,
  prefixCache: 1 << 16,
});
const ids = Array.from({ length: Number(nIds) }, (_, i) => (i * 5) % 1003);
const run = async () => (await model.generate(ids.slice(0, 6), { maxNewTokens: 6 }).result).tokenIds;
const expected = await run();
const held = await fillMemory(model, ids);
const full = await tryEverything(model, held, ids);
for (const session of held.splice(0)) await session.dispose();
const { kvPages } = await model.memory();
const isAlive = JSON.stringify(await run()) === JSON.stringify(expected);
const roomy = await tryEverything(model, [await withText()], ids);
process.stdout.write(JSON.stringify({ full, roomy, kvPages, isAlive }));
process.exit();

async function withText() {
  const session = await model.createSession();
  await session.append(ids.slice(0, 3));
  return session;
}
