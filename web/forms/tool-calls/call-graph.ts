import { choice, EMPTY, type Expression, type Grammar, rule, sequence, text } from '../grammar.js';

/** A part of what a model writes: the format's own text, in which markers are tokens, or what a grammar tells. */
export type Piece = string | Expression | { readonly optional: readonly Piece[] };

/** What brings from one state to another. */
type Label = { readonly expression: Expression } | { readonly tokenId: number };
type Edge = Label & { readonly to: number };

/** What is written between two states. */
interface Way {
  /** What it begins with, as far as that is certain. */
  readonly text: string;
  /** Whether that is all of it. */
  readonly isWhole: boolean;
}

/** Where a token may end what is written from a state on. */
export interface Exit extends Way {
  readonly to: number;
}

/** Names are shorter; more tells no two ways apart. */
const LONGEST_TEXT = 100;

/** What may be written from a state on, up to the next token of the format's. */
export interface Stretch {
  readonly grammar: Grammar;
  /** Whether nothing can be written there. */
  readonly isEmpty: boolean;
  readonly exits: ReadonlyMap<number, readonly Exit[]>;
  /** Whether the answer may end behind it. */
  readonly mayEnd: boolean;
}

/**
 * How an answer may go on, as states. Tokens that mean something to the format are edges of their own; what stands between two
 * of them is left to a grammar.
 */
export class CallGraph {
  readonly #edges: Edge[][] = [];
  readonly #finals = new Set<number>();
  readonly #rules: ReadonlyMap<string, Expression>;
  readonly #tokens: readonly (readonly [text: string, id: number])[];

  /**
   * @param markers The tokens that are no text, by their texts.
   * @param rules Those that expressions refer to; more may come.
   */
  constructor(markers: ReadonlyMap<string, number>, rules: ReadonlyMap<string, Expression>) {
    this.#tokens = [...markers].sort(([a], [b]) => b.length - a.length);
    this.#rules = rules;
  }

  state(): number {
    return this.#edges.push([]) - 1;
  }

  /** The answer may end in this state. */
  end(state: number): void {
    this.#finals.add(state);
  }

  /** Adds a way between two states. */
  link(from: number, pieces: readonly Piece[], to = this.state()): number {
    const labels = pieces.map((piece) => this.#labelsOf(piece));
    const flat = labels.flat();
    let at = from;
    for (const [i, label] of flat.entries()) {
      const isLast = i === flat.length - 1;
      const next = isLast ? to : this.state();
      if ('optional' in label) {
        this.link(at, label.optional, next);
        this.#add(at, { expression: EMPTY, to: next });
      } else this.#add(at, { ...label, to: next });
      at = next;
    }
    if (flat.length === 0) this.#add(from, { expression: EMPTY, to });
    return to;
  }

  /** The token that comes first on every way from a state, with nothing before it; null where there is no such. */
  firstToken(state: number): number | null {
    const { isEmpty, exits } = this.stretch([state]);
    const [first, ...others] = exits.keys();
    return isEmpty && first !== undefined && others.length === 0 ? first : null;
  }

  /** From any of some states on. */
  stretch(begins: readonly number[]): Stretch {
    const rules = new Map<string, Expression>(this.#rules);
    const exits = new Map<number, Exit[]>();
    let mayEnd = false;
    let isEmpty = true;
    for (const [state, ways] of this.#waysFrom(begins)) {
      const edges = this.#edges[state] as Edge[];
      const options: Expression[] = [];
      for (const edge of edges) {
        if ('tokenId' in edge) {
          const known = exits.get(edge.tokenId) ?? [];
          const more = [...ways.values()].map((way) => ({ ...way, to: edge.to }));
          exits.set(edge.tokenId, [...known, ...more]);
        } else {
          if (edge.expression !== EMPTY) isEmpty = false;
          options.push(sequence(edge.expression, rule(nameOf(edge.to))));
        }
      }
      const isFinal = this.#finals.has(state);
      mayEnd ||= isFinal;
      if (isFinal || edges.some((edge) => 'tokenId' in edge)) options.push(EMPTY);
      rules.set(nameOf(state), choice(...options));
    }
    rules.set('calls', choice(...begins.map((begin) => rule(nameOf(begin)))));
    return { grammar: { root: 'calls', rules }, isEmpty, exits, mayEnd };
  }

  /** All states up to the next tokens, and how one gets there. */
  #waysFrom(begins: readonly number[]): Map<number, Map<string, Way>> {
    const found = new Map<number, Map<string, Way>>();
    const queue: [number, Way][] = begins.map((begin) => [begin, { text: '', isWhole: true }]);
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [state, way] = next;
      const known = found.get(state) ?? new Map<string, Way>();
      found.set(state, known);
      const key = `${way.isWhole} ${way.text}`;
      if (known.has(key)) continue;
      known.set(key, way);
      for (const edge of this.#edges[state] as Edge[]) {
        if ('expression' in edge) queue.push([edge.to, longer(way, edge.expression)]);
      }
    }
    return found;
  }

  #add(from: number, edge: Edge): void {
    (this.#edges[from] as Edge[]).push(edge);
  }

  #labelsOf(piece: Piece): (Label | { readonly optional: readonly Piece[] })[] {
    if (typeof piece !== 'string') return 'optional' in piece ? [piece] : [{ expression: piece }];
    const labels: Label[] = [];
    let rest = piece;
    while (rest !== '') {
      const [found] = this.#tokens
        .map(([content, id]) => ({ content, id, at: rest.indexOf(content) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at);
      const before = rest.slice(0, found?.at ?? rest.length);
      if (before !== '') labels.push({ expression: text(before) });
      if (found === undefined) break;
      labels.push({ tokenId: found.id });
      rest = rest.slice(found.at + found.content.length);
    }
    return labels;
  }
}

function longer(way: Way, expression: Expression): Way {
  if (expression === EMPTY || !way.isWhole) return way;
  if (expression.kind !== 'text' || way.text.length > LONGEST_TEXT) return { ...way, isWhole: false };
  return { text: way.text + expression.text, isWhole: true };
}

function nameOf(state: number): string {
  return `state ${state}`;
}
