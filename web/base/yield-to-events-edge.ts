import { isEdgeRuntime } from './environment.js';

/** Runs something in a task of its own, after those that are due. */
export const inOwnTask: (task: () => void) => void = chooseWay();

/** Waits until messages and timers that are due have had their turn. */
export const yieldToEvents = (): Promise<void> => new Promise(inOwnTask);

function chooseWay(): (task: () => void) => void {
  if (typeof setImmediate === 'function') return (task) => void setImmediate(task);
  // At the edge a port belongs to the request that it was made in, and timers are not slowed down.
  if (isEdgeRuntime || typeof MessageChannel === 'undefined') return (task) => void setTimeout(task, 0);
  const { port1, port2 } = new MessageChannel();
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()?.();
  return (task) => {
    tasks.push(task);
    port2.postMessage(null);
  };
}
