/** Waits until messages and timers that are due have had their turn. */
export const yieldToEvents: () => Promise<void> =
  // In Node a message that answers a message is handled before any timer, up to a thousand times: a timer's abort
  // would come seconds late.
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : yieldByMessage();

/** A message to oneself: unlike timers, browsers do not slow it down. */
function yieldByMessage(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
