// Finds what hangs, a loop that never yields included, and says what it was.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';

const SCRIPT = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  let timer;
  parentPort.on('message', (label) => {
    clearTimeout(timer);
    if (label === null) return parentPort.close();
    timer = setTimeout(() => {
      writeSync(2, 'Hangs for ' + workerData + ' ms, so that the process is ended: ' + label + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }, workerData);
  });
`;

/** Ends the process with a message when nothing is said for so long. Ends itself with the test. */
export function startWatchdog(t, mostMs) {
  const worker = new Worker(SCRIPT, { eval: true, workerData: mostMs });
  worker.unref();
  t.after(() => worker.postMessage(null));
  return (label) => worker.postMessage(label);
}

/** What a call comes to: `{ value }` or `{ error }`. Fails with the label when it does not settle within the time. */
export async function settle(label, call, mostMs = 20_000) {
  let timer;
  const tooLate = new Promise((resolve) => {
    timer = setTimeout(resolve, mostMs, 'late');
  });
  const running = (async () => ({ value: await call() }))().catch((error) => ({ error }));
  const outcome = await Promise.race([running, tooLate]);
  clearTimeout(timer);
  assert.notEqual(outcome, 'late', `${label}: does not settle within ${mostMs} ms`);
  return outcome;
}
