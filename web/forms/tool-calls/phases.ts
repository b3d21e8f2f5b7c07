import type { Constraint, Form } from '../constraint.js';

/** A stretch of an answer, up to a token that begins another one. */
export interface Phase {
  /** What it has to look like; null where any token may come. Null of the promise: as if any may. */
  readonly form: (() => Promise<Form | null>) | null;
  /**
   * Tokens that end it where its form may end, and what follows by the tokens before them: null where the answer is over, and
   * undefined where they may not come.
   */
  readonly exits: ReadonlyMap<number, Exit>;
  /** Tokens that may come instead of it, before anything else. */
  readonly instead?: ReadonlyMap<number, Phase>;
  /** Tokens that stand for something else in answers, and have no place in it. */
  readonly excluded: readonly number[];
}

type Exit = (ids: readonly number[]) => Phase | null | undefined;

/** What the phases of one model have in common. */
export interface PhaseUse {
  readonly vocabSize: number;
  /** Those that end answers, the preferred one first; forms end with that. */
  readonly endTokenIds: readonly number[];
}

interface Entered {
  readonly phase: Phase | null;
  readonly ids: number[];
  /** Where the ids have been; null where that is still to be found out, or nothing holds them. */
  constraint: Constraint | null;
  isReady: boolean;
}

const NONE: readonly number[] = [];

/** An answer in phases, each with a constraint of its own. */
export function formOfPhases(first: Phase, use: PhaseUse): Form {
  return {
    start: async () => {
      const constraint = new PhasedConstraint(use, [enter(first)]);
      await constraint.mask(); // what cannot be ready says so now
      return constraint;
    },
  };
}

function enter(phase: Phase | null, ids: readonly number[] = []): Entered {
  return { phase, ids: [...ids], constraint: null, isReady: false };
}

class PhasedConstraint implements Constraint {
  readonly #use: PhaseUse;
  /** The last one goes on; each of the others has the token that ended it as its last one. */
  #entered: Entered[];

  constructor(use: PhaseUse, entered: Entered[]) {
    this.#use = use;
    this.#entered = entered;
  }

  async mask(): Promise<Uint32Array | null> {
    const now = this.#now;
    await this.#makeReady(now);
    const { phase, constraint, ids } = now;
    if (phase === null) return new Uint32Array(this.#nWords);
    if (constraint === null && phase.excluded.length === 0) return null;
    const mask =
      constraint === null
        ? new Uint32Array(this.#nWords).fill(0xffffffff)
        : ((await constraint.mask()) as Uint32Array).slice();
    for (const id of phase.excluded) clear(mask, id);
    if (constraint !== null) this.#setExits(mask, now);
    if (ids.length === 0) for (const id of phase.instead?.keys() ?? NONE) set(mask, id);
    return mask;
  }

  /** In place of the end token, by which the form says that it may end, those that end the phase. */
  #setExits(mask: Uint32Array, { phase, constraint, ids }: Entered): void {
    if (phase === null) return;
    const [end] = this.#use.endTokenIds as [number];
    const mayEnd = has(mask, end);
    for (const id of [end, ...phase.exits.keys()]) clear(mask, id); // in the form's text they have no place
    if (!mayEnd) return;
    const exits = exitsOf(phase, ids);
    const isForced = constraint?.forced()[0] === end && exits.every(({ next }) => next === null);
    for (const id of isForced ? [end] : exits.map((exit) => exit.id)) set(mask, id);
  }

  forced(): readonly number[] {
    const { phase, constraint, ids } = this.#now;
    if (phase === null || constraint === null) return NONE;
    if (ids.length === 0 && (phase.instead?.size ?? 0) > 0) return NONE;
    const forced = constraint.forced();
    const at = forced.indexOf(this.#use.endTokenIds[0] as number);
    if (at < 0) return forced;
    if (at > 0) return forced.slice(0, at); // which tokens end it, is known when they are next
    const exit = this.#onlyExit(phase, ids);
    return exit === null ? NONE : [exit];
  }

  accept(tokenId: number): boolean {
    const now = this.#now;
    const { phase, constraint, ids } = now;
    if (phase === null || phase.excluded.includes(tokenId)) return false;
    const instead = ids.length === 0 ? phase.instead?.get(tokenId) : undefined;
    if (instead !== undefined) {
      ids.push(tokenId);
      this.#entered.push(enter(instead));
      return true;
    }
    const exit = phase.exits.get(tokenId);
    // Only what the mask has asked for is ready. Until then nobody can tell, and nothing is let through.
    if (phase.form !== null && !now.isReady) return false;
    if (constraint === null) return this.#go(now, tokenId, exit);
    if (exit === undefined) {
      if (tokenId === this.#use.endTokenIds[0] || !constraint.accept(tokenId)) return false;
      ids.push(tokenId);
      return true;
    }
    if (exit(ids) === undefined || !constraint.accept(this.#use.endTokenIds[0] as number)) return false;
    return this.#go(now, tokenId, exit);
  }

  rollback(nTokens: number): void {
    let nLeft = nTokens;
    while (nLeft > 0) {
      const now = this.#now;
      if (now.ids.length === 0) {
        if (this.#entered.length === 1) throw new RangeError(`${nLeft} of the tokens never came`);
        now.constraint?.dispose();
        this.#entered.pop();
      } else {
        const count = Math.min(nLeft, now.ids.length);
        this.#forget(now, count);
        nLeft -= count;
      }
    }
    // A phase that nothing has come of is entered by a token that is still there.
  }

  async fork(): Promise<Constraint> {
    const last = this.#now;
    const before = this.#entered.slice(0, -1).map(({ phase, ids }) => enter(phase, ids));
    const copy = enter(last.phase, last.ids);
    copy.constraint = (await last.constraint?.fork()) ?? null;
    copy.isReady = last.isReady;
    return new PhasedConstraint(this.#use, [...before, copy]);
  }

  dispose(): void {
    for (const { constraint } of this.#entered) constraint?.dispose();
  }

  get #now(): Entered {
    return this.#entered.at(-1) as Entered;
  }

  get #nWords(): number {
    return Math.ceil(this.#use.vocabSize / 32);
  }

  #go(now: Entered, tokenId: number, exit: Exit | undefined): boolean {
    const next = exit?.(now.ids);
    if (next !== undefined) this.#entered.push(enter(next));
    now.ids.push(tokenId);
    return true;
  }

  /** The last tokens of a phase; one that ended it, or came instead of it, is no text of its own. */
  #forget(now: Entered, count: number): void {
    const isFirst = now.ids.length === 1;
    const wasInstead = isFirst && now.phase?.instead?.has(now.ids[0] as number);
    now.ids.length -= count;
    if (!wasInstead) now.constraint?.rollback(count);
  }

  /** The token that must end a phase where nothing else may come, or null. */
  #onlyExit(phase: Phase, ids: readonly number[]): number | null {
    const exits = exitsOf(phase, ids);
    if (exits.every(({ next }) => next === null)) return this.#use.endTokenIds[0] as number;
    const [only, ...others] = exits;
    return others.length === 0 && only !== undefined ? only.id : null;
  }

  async #makeReady(now: Entered): Promise<void> {
    if (now.isReady || now.phase === null) return;
    const form = (await now.phase.form?.()) ?? null;
    const constraint = (await form?.start()) ?? null;
    for (const id of constraint === null ? NONE : now.ids) constraint?.accept(id);
    now.constraint = constraint;
    now.isReady = true;
  }
}

/** The tokens that may end a phase now. */
function exitsOf({ exits }: Phase, ids: readonly number[]): { id: number; next: Phase | null }[] {
  return [...exits].flatMap(([id, exit]) => {
    const next = exit(ids);
    return next === undefined ? [] : [{ id, next }];
  });
}

/** The exit of tokens that end answers. */
export const OVER = (): null => null;

function set(mask: Uint32Array, id: number): void {
  mask[id >> 5] = (mask[id >> 5] as number) | (1 << (id & 31));
}

function clear(mask: Uint32Array, id: number): void {
  mask[id >> 5] = (mask[id >> 5] as number) & ~(1 << (id & 31));
}

function has(mask: Uint32Array, id: number): boolean {
  return (((mask[id >> 5] as number) >>> (id & 31)) & 1) === 1;
}
