// A process of reliability.test.mjs: loads a model by its name, unless it is killed before, and prints what came of it.
//   node reliability-child.mjs '{ "source", "endpoint", "folder", "killAt" }'
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { LanguageModel, ModelStore } from 'sotto';
import { tokensOf } from './hub-tokens.mjs';

const { source, endpoint, folder, killAt = null } = JSON.parse(process.argv[2]);

let nSteps = 0;

/** Counts the writes and renames of the store, and ends the process in the middle of one. */
async function watchStore() {
  const handle = await fs.open(process.argv[1]);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const { write } = prototype;
  prototype.write = async function (bytes, begin, length, ...rest) {
    if (++nSteps === killAt?.step) {
      await write.call(this, bytes, begin, Math.floor(length * killAt.part), ...rest);
      process.kill(process.pid, 'SIGKILL');
    }
    return write.call(this, bytes, begin, length, ...rest);
  };
  const { rename } = fs;
  fs.rename = async (...paths) => {
    const isLast = ++nSteps === killAt?.step;
    if (isLast && killAt.part < 0.5) process.kill(process.pid, 'SIGKILL');
    await rename(...paths);
    if (isLast) process.kill(process.pid, 'SIGKILL');
  };
  syncBuiltinESMExports();
}

await watchStore();
const hub = { endpoint, store: new ModelStore({ folder }), retries: 5 };
const model = await LanguageModel.load(source, endpoint === undefined ? {} : hub);
const tokens = await tokensOf(model);
console.log(JSON.stringify({ tokens, nSteps, notices: model.info.notices }));
await model.dispose();
process.exit(0);
