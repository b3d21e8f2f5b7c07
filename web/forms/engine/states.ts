import { SottoError } from '../../results/errors.js';
import type { Network, Node, Rule } from './network.js';

/**
 * Where a rule goes back to when it ends: all who wait for it, as it was called at one place of the text. Frames with the same
 * waiters are the same object.
 */
interface Frame {
  readonly id: number;
  readonly waiters: readonly Waiter[];
}

/** A node behind a call, in a frame of its own rule; or, with none, the end of the text. */
interface Waiter {
  readonly id: number;
  readonly node: Node | null;
  readonly frame: Frame | null;
}

/** A node that bytes lead on from, in a frame. */
interface Place {
  readonly id: number;
  readonly node: Node;
  readonly frame: Frame;
}

/** All that a text may be in the midst of. States with the same places are the same object, as long as they are kept. */
export interface State {
  readonly places: readonly Place[];
  /** Whether the text may end here. */
  readonly isComplete: boolean;
  /** By class of bytes: null where no text goes on so; undefined where nobody has asked yet. */
  readonly next: (State | null | undefined)[];
}

/** How many places all states that are kept have together: then they are forgotten, and made again when they are needed. */
const MOST_PLACES = 500_000;

/** How many places may be visited to judge all of a vocabulary: far more than any sensible grammar needs. */
const MOST_WORK = 1_000_000;

/**
 * The states of a grammar, made as they are met. It is a generalised LL parser over a stack that is a graph (as in "Faster,
 * Practical GLL Parsing", Afroozeh and Izmaylova 2015), whose states are shared.
 */
export class States {
  readonly begin: State;
  readonly #network: Network;
  readonly #states = new Map<string, State>();
  readonly #frames = new Map<string, Frame>();
  readonly #waiters = new Map<string, Waiter>();
  readonly #places = new Map<string, Place>();
  #nextId = 0;
  #nPlaces = 0;
  #work = 0;

  constructor(network: Network) {
    this.#network = network;
    const end = this.#frame([this.#waiter(null, null)]);
    const closure = new Closure();
    closure.callers.set(network.root, new Set(end.waiters));
    this.begin = this.#close(closure);
  }

  /** The class of each byte, by which states know where it leads. */
  get classOfByte(): Uint8Array {
    return this.#network.classOfByte;
  }

  /** Where a byte leads, or null where it does not fit. */
  after(state: State, byte: number): State | null {
    const byteClass = this.#network.classOfByte[byte] as number;
    const known = state.next[byteClass];
    if (known !== undefined) return known;
    const closure = new Closure();
    for (const { node, frame } of state.places) {
      for (const { range, to } of node.steps) {
        if (byte >= range[0] && byte <= range[1]) this.#reach(to, frame, closure);
      }
    }
    this.#work += state.places.length;
    if (this.#work > MOST_WORK) {
      const problem =
        'responseFormat takes too long to keep to: too much of it can stand at the same place. Make it less ambiguous, or ' +
        'repeat less.';
      throw new SottoError('bad-option', problem);
    }
    const isDead = closure.places.length === 0 && closure.callers.size === 0 && !closure.isComplete;
    const next = isDead ? null : this.#close(closure);
    state.next[byteClass] = next;
    return next;
  }

  /** To be called before a vocabulary is judged. */
  renewBudget(): void {
    this.#work = 0;
    if (this.#nPlaces < MOST_PLACES) return;
    this.#nPlaces = 0;
    for (const state of this.#states.values()) state.next.fill(undefined);
    for (const map of [this.#states, this.#frames, this.#waiters, this.#places]) map.clear();
  }

  /** The only byte that can follow, or null where it is not one. */
  onlyByte(state: State): number | null {
    if (state.isComplete) return null;
    let only: number | null = null;
    for (const { node } of state.places) {
      for (const { range } of node.steps) {
        if (range[0] !== range[1] || (only !== null && only !== range[0])) return null;
        only = range[0];
      }
    }
    return only;
  }

  /** A node is come to: what leads on from it, and where its rule ends, all who wait for that. */
  #reach(node: Node, frame: Frame, closure: Closure): void {
    const pending: [Node, Frame][] = [[node, frame]];
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [at, within] = item;
      if (!closure.isNew(at, within)) continue;
      this.#visit(at, within, closure);
      for (const next of at.skips) pending.push([next, within]);
      if (!at.isEnd) continue;
      for (const waiter of within.waiters) {
        if (waiter.node === null) closure.isComplete = true;
        else pending.push([waiter.node, waiter.frame as Frame]);
      }
    }
  }

  #visit(node: Node, frame: Frame, closure: Closure): void {
    this.#work++;
    if (node.steps.length > 0) closure.places.push(this.#place(node, frame));
    for (const { rule, to } of node.calls) {
      const waiting = closure.callers.get(rule) ?? new Set();
      closure.callers.set(rule, waiting);
      // What only ends its rule leaves the waiting to those who wait for that: so repetitions by recursion take no room.
      if (isTail(to)) for (const waiter of frame.waiters) waiting.add(waiter);
      else waiting.add(this.#waiter(to, frame));
    }
  }

  /** Opens the rules that are called, those first that others begin with. */
  #close(closure: Closure): State {
    const { callers } = closure;
    while (callers.size > 0) {
      let first: Rule | null = null;
      for (const rule of callers.keys()) if (first === null || rule.rank < first.rank) first = rule;
      const rule = first as Rule;
      const frame = this.#frame([...(callers.get(rule) as Set<Waiter>)]);
      callers.delete(rule);
      const pending = [rule.begin];
      for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
        if (!closure.isNew(node, frame)) continue;
        this.#visit(node, frame, closure);
        pending.push(...node.skips);
        // An end here is that of an empty rule, which has been skipped where it was called, but for the root.
        const isRoot = rule === this.#network.root;
        if (node.isEnd && isRoot && frame.waiters.some((waiter) => waiter.node === null))
          closure.isComplete = true;
      }
    }
    return this.#state(closure.places, closure.isComplete);
  }

  #state(places: Place[], isComplete: boolean): State {
    places.sort((a, b) => a.id - b.id);
    const key = `${isComplete ? '!' : ''}${places.map(({ id }) => id).join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const next = new Array(this.#network.byteOfClass.length).fill(undefined);
    const state: State = { places, isComplete, next };
    this.#states.set(key, state);
    this.#nPlaces += places.length + 16; // a state without any takes room, too
    return state;
  }

  #frame(waiters: Waiter[]): Frame {
    waiters.sort((a, b) => a.id - b.id);
    return this.#same(this.#frames, waiters.map(({ id }) => id).join(), (id) => ({ id, waiters }));
  }

  #waiter(node: Node | null, frame: Frame | null): Waiter {
    return this.#same(this.#waiters, `${node?.id},${frame?.id}`, (id) => ({ id, node, frame }));
  }

  #place(node: Node, frame: Frame): Place {
    return this.#same(this.#places, `${node.id},${frame.id}`, (id) => ({ id, node, frame }));
  }

  #same<T>(known: Map<string, T>, key: string, make: (id: number) => T): T {
    let value = known.get(key);
    if (value === undefined) {
      value = make(this.#nextId++);
      known.set(key, value);
    }
    return value;
  }
}

/** What is found of a state that is being made. */
class Closure {
  readonly places: Place[] = [];
  /** Rules that begin here, with who waits for them. */
  readonly callers = new Map<Rule, Set<Waiter>>();
  isComplete = false;
  readonly #seen = new Map<Frame, Set<Node>>();

  /** Whether a node in a frame is come to for the first time. */
  isNew(node: Node, frame: Frame): boolean {
    const seen = this.#seen.get(frame);
    if (seen === undefined) this.#seen.set(frame, new Set([node]));
    else if (seen.has(node)) return false;
    else seen.add(node);
    return true;
  }
}

/** Whether nothing but the end of the rule follows. */
function isTail(node: Node): boolean {
  let at = node;
  for (;;) {
    if (at.isEnd) return true;
    if (at.steps.length > 0 || at.calls.length > 0 || at.skips.length !== 1) return false;
    at = at.skips[0] as Node;
  }
}
