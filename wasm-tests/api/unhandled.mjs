// Promises that nobody looks after, which no call of the library may leave behind.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

/** Fails a test file, at its end, for each rejection that nobody handled. */
export function refuseUnhandledRejections() {
  const unhandled = [];
  const note = (error) => unhandled.push(error);
  before(() => process.on('unhandledRejection', note));
  after(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
}
