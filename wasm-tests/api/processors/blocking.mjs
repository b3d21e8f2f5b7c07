/** Never returns from the third token of an answer to a prompt of five: its thread hears nothing any more. */
export default function blocking(_logits, tokenIds) {
  if (tokenIds.length === 7) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
