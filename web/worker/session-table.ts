import type { EngineSession } from '../engine/engine.js';
import { SottoError } from '../errors.js';
import type { TapName, Taps } from '../session-values.js';
import type { SessionState } from './protocol.js';

/** A session of the page's, which may be another one of the engine's after a generation. */
export class SessionSlot {
  readonly id: number;
  session: EngineSession;
  /** What is kept of each append. */
  tapNames: readonly TapName[] = [];
  /** What was kept of the last one. */
  taps: Taps = { rows: 0 };

  constructor(id: number, session: EngineSession) {
    this.id = id;
    this.session = session;
  }

  get state(): SessionState {
    return { session: this.id, length: this.session.length };
  }

  /** Says what is kept from the next append on. @throws SottoError 'bad-option' */
  tap(names: TapName[]): void {
    this.session.tap(names);
    this.tapNames = names;
    this.taps = { rows: 0 };
  }

  /** Goes on with another session of the engine's. */
  replace(session: EngineSession): void {
    if (session === this.session) return;
    session.tap(this.tapNames);
    this.session.dispose();
    this.session = session;
  }
}

/** The page's sessions by their numbers. */
export class SessionTable {
  readonly #slots = new Map<number, SessionSlot>();
  #lastId = 0;

  add(session: EngineSession): SessionSlot {
    const slot = new SessionSlot(++this.#lastId, session);
    this.#slots.set(slot.id, slot);
    return slot;
  }

  /** @throws SottoError 'disposed' */
  get(id: number): SessionSlot {
    const slot = this.#slots.get(id);
    if (slot !== undefined) return slot;
    throw new SottoError('disposed', 'this session was disposed; create another one');
  }

  /** Does nothing for a session that is not there. */
  dispose(id: number): void {
    this.#slots.get(id)?.session.dispose();
    this.#slots.delete(id);
  }
}
