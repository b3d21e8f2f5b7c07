import type { BackendSession } from '../engine/backend.js';
import { SessionSlot } from '../generation/session-slot.js';
import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';

/** The page's sessions by their numbers. */
export class SessionTable {
  readonly #slots = new Map<number, SessionSlot>();
  #lastId = 0;

  add(session: BackendSession, messages: readonly ChatMessage[] = []): SessionSlot {
    const slot = new SessionSlot(++this.#lastId, session, messages);
    this.#slots.set(slot.id, slot);
    return slot;
  }

  /** @throws SottoError 'disposed' */
  get(id: number): SessionSlot {
    const slot = this.#slots.get(id);
    if (slot !== undefined) return slot;
    throw new SottoError('disposed', 'this session was disposed; create another one');
  }

  disposeAll(): void {
    for (const { session } of this.#slots.values()) session.dispose();
    this.#slots.clear();
  }

  /** Does nothing for a session that is not there. */
  dispose(id: number): void {
    this.#slots.get(id)?.session.dispose();
    this.#slots.delete(id);
  }
}
