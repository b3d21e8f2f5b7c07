import { copyMessage } from './copy-message.js';
import { inOwnTask } from './yield-to-events-edge.js';

type Listener = (event: { data: unknown }) => void;

/**
 * A line with two ends in this thread: not every runtime has `MessageChannel`, and some refuse to clone what goes over ours.
 * Messages arrive one by one, each in a task of its own.
 */
export function createChannel(): { port1: MessagePort; port2: MessagePort } {
  const [port1, port2] = [new PortHere(), new PortHere()];
  port1.other = port2;
  port2.other = port1;
  return { port1, port2 } as unknown as { port1: MessagePort; port2: MessagePort };
}

/** What of `MessagePort` is used. */
class PortHere {
  other: PortHere | null = null; // null when the line is closed
  readonly #listeners = new Set<Listener>();
  readonly #waiting: unknown[] = [];
  #onMessage: Listener | null = null;
  #hasStarted = false;

  postMessage(message: unknown, moved: readonly unknown[] = []): void {
    if (this.other !== null) this.other.#take(copyMessage(message, moved));
  }

  set onmessage(listener: Listener | null) {
    this.#onMessage = listener;
    this.start();
  }

  addEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'message', listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** What came before is delivered from now on. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    for (const _ of this.#waiting) inOwnTask(() => this.#deliver());
  }

  close(): void {
    if (this.other !== null) this.other.other = null;
    this.other = null;
  }

  #take(message: unknown): void {
    this.#waiting.push(message);
    if (this.#hasStarted) inOwnTask(() => this.#deliver());
  }

  #deliver(): void {
    const event = { data: this.#waiting.shift() };
    if (this.other === null) return;
    for (const listener of [this.#onMessage, ...this.#listeners]) listener?.(event);
  }
}
