// Does the job that is its argument, and prints the result; without one, the jobs that are sent to it, one after the other.
import { readFile } from 'node:fs/promises';
import { tokenHashes } from './token-hash.mjs';

const argument = process.argv[2];
if (argument !== undefined) {
  console.log(JSON.stringify(await tokenHashes(JSON.parse(argument), readFile)));
} else {
  process.on('message', async (job) => {
    try {
      process.send({ result: await tokenHashes(job, readFile) });
    } catch (error) {
      process.send({ error: `${error}\n${error.stack}` });
    }
  });
}
