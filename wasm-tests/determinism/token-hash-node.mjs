// Does the job that is its argument, and prints the result.
import { readFile } from 'node:fs/promises';
import { tokenHashes } from './token-hash.mjs';

console.log(JSON.stringify(await tokenHashes(JSON.parse(process.argv[2]), readFile)));
