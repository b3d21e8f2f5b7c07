import { cannotSend, toMessage } from '../protocol/messages.js';
import type { CallContext, Calls, CallType, Port, ResponseBody } from '../protocol/protocol.js';
import { toWireError } from '../protocol/wire-error.js';

type AnyEvent = Calls[CallType]['event'];
type AnyResult = Calls[CallType]['result'];

/**
 * A call on its way, with the signals of its parts and the question that it waits for. It is the one place that answers
 * the page: exactly once, whatever the handler does, and whatever structured clone thinks of the answer.
 */
export class RunningCall {
  readonly #id: number;
  readonly #port: Pick<Port, 'postMessage'>;
  readonly #parts = new Map<number, AbortController>();
  #isAborted = false;
  #isAnswered = false;
  #unsent: { error: unknown } | null = null;
  #question: { part: number; resolve: (answer: boolean) => void } | null = null;

  constructor(id: number, port: Pick<Port, 'postMessage'>) {
    this.#id = id;
    this.#port = port;
  }

  /** Runs the handler and answers. Never rejects. */
  async run(handler: (context: CallContext<CallType>) => AnyResult | Promise<AnyResult>): Promise<void> {
    const outcome = await this.#outcome(handler);
    this.#isAnswered = true;
    try {
      this.#post(outcome);
    } catch (error) {
      this.#fail(cannotSend('the answer', error));
    }
  }

  /** Takes the page's answer to the question of a part. */
  answer(part: number, answer: boolean): void {
    if (this.#question?.part !== part) return;
    this.#question.resolve(answer);
    this.#question = null;
  }

  abort(part: number): void {
    this.#controller(part).abort();
    this.answer(part, false); // whoever gave it up does not answer any more
  }

  abortAll(): void {
    this.#isAborted = true;
    for (const part of this.#parts.keys()) this.abort(part);
    if (this.#question !== null) this.answer(this.#question.part, false);
  }

  async #outcome(
    handler: (context: CallContext<CallType>) => AnyResult | Promise<AnyResult>,
  ): Promise<ResponseBody> {
    const id = this.#id;
    try {
      const result = await handler(this.#context());
      if (this.#unsent === null) return { type: 'result', id, result };
    } catch (error) {
      return { type: 'failed', id, error: toWireError(this.#unsent === null ? error : this.#unsent.error) };
    }
    return { type: 'failed', id, error: toWireError(this.#unsent.error) };
  }

  #context(): CallContext<CallType> {
    return {
      id: this.#id,
      emit: (event) => this.#emit(event),
      ask: (event) => this.#ask(event, 'index' in event ? event.index : 0),
      signal: (part = 0) => this.#controller(part).signal,
    };
  }

  #ask(event: AnyEvent, part: number): Promise<boolean> {
    if (this.#controller(part).signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#question = { part, resolve };
      this.#emit(event);
    });
  }

  /** Does not throw, as handlers emit where they clean up, too: what cannot be sent ends the call with that error. */
  #emit(event: AnyEvent): void {
    if (this.#isAnswered || this.#unsent !== null) return;
    try {
      this.#post({ type: 'event', id: this.#id, event });
    } catch (error) {
      this.#unsent = { error: cannotSend('what the call tells on its way', error) };
      this.abortAll();
    }
  }

  #post(response: ResponseBody): void {
    this.#port.postMessage(toMessage(response));
  }

  #fail(error: unknown): void {
    try {
      this.#post({ type: 'failed', id: this.#id, error: toWireError(error) });
    } catch {
      // Plain text does not get through either: the line is gone, and with it whoever could be told.
    }
  }

  #controller(part: number): AbortController {
    let controller = this.#parts.get(part);
    if (controller === undefined) {
      controller = new AbortController();
      if (this.#isAborted) controller.abort();
      this.#parts.set(part, controller);
    }
    return controller;
  }
}
