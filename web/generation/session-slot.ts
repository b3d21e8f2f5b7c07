import type { BackendSession } from '../engine/backend.js';
import type { ChatMessage } from '../results/chat-message.js';
import type { TapName, Taps } from '../results/session-values.js';

/** A session of the page's, which may be another one of the engine's after a generation. */
export class SessionSlot {
  readonly id: number;
  session: BackendSession;
  /** What is kept of each append. */
  tapNames: readonly TapName[] = [];
  /** What was kept of the last one. */
  taps: Taps = { rows: 0 };
  /** The conversation that `chat` goes on with. */
  messages: readonly ChatMessage[];

  constructor(id: number, session: BackendSession, messages: readonly ChatMessage[] = []) {
    this.id = id;
    this.session = session;
    this.messages = messages;
  }

  get state(): { session: number; length: number } {
    return { session: this.id, length: this.session.length };
  }

  /** Says what is kept from the next append on. @throws SottoError 'bad-option' */
  tap(names: TapName[]): void {
    this.session.tap(names);
    this.tapNames = names;
    this.taps = { rows: 0 };
  }

  /** Goes on with another session of the engine's. */
  replace(session: BackendSession): void {
    if (session === this.session) return;
    session.tap(this.tapNames);
    this.session.dispose();
    this.session = session;
  }
}
