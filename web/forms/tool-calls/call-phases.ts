import { checkGrammar } from '../check-grammar.js';
import type { Form } from '../constraint.js';
import type { Grammar } from '../grammar.js';
import type { CallGraph, Exit } from './call-graph.js';
import { type ChatAnswers, textMarkers } from './chat-phases.js';
import { OVER, type Phase } from './phases.js';

/** What follows calls that are done, where that is no part of their graph. */
interface Afterwards {
  readonly done: number;
  readonly next: () => Phase;
}

/** The stretches of a graph as phases, each made when an answer comes to it. */
export class CallPhases {
  readonly #chat: ChatAnswers;
  readonly #graph: CallGraph;
  readonly #compile: (grammar: Grammar) => Promise<Form | null>;
  readonly #afterwards: Afterwards | undefined;
  readonly #known = new Map<string, Phase>();

  /** @param compile Null for what is not to be held to. */
  constructor(
    chat: ChatAnswers,
    graph: CallGraph,
    compile: (grammar: Grammar) => Promise<Form | null>,
    afterwards?: Afterwards,
  ) {
    this.#chat = chat;
    this.#graph = graph;
    this.#compile = compile;
    this.#afterwards = afterwards;
  }

  /**
   * What is written from some states on.
   *
   * @param instead What may come in place of it, by its first token.
   */
  at(states: readonly number[], instead?: ReadonlyMap<number, Phase>): Phase {
    const { done, next } = this.#afterwards ?? {};
    if (next !== undefined && states.every((state) => state === done)) return next();
    const key = [...states].sort((a, b) => a - b).join();
    const phase = this.#known.get(key) ?? this.#make(states);
    this.#known.set(key, phase);
    if (instead === undefined) return phase;
    return {
      ...phase,
      instead,
      excluded: textMarkers(this.#chat, [...phase.exits.keys(), ...instead.keys()]),
    };
  }

  /** What follows a token that may come first. */
  behind(state: number, tokenId: number): Phase {
    return this.at((this.#graph.stretch([state]).exits.get(tokenId) ?? []).map(({ to }) => to));
  }

  /**
   * Makes ready what an answer begins with, and checks all that it may come to.
   *
   * @throws SottoError as `Forms.compileGrammar`
   */
  async prepare(begin: readonly number[]): Promise<void> {
    await this.at(begin).form?.();
    const seen = new Set<string>();
    const queue = [begin];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      const { grammar, exits: found } = this.#graph.stretch(next);
      checkGrammar(grammar, 'tools', false);
      for (const exits of found.values()) {
        const texts = new Set(exits.map(({ text }) => text));
        for (const text of texts) queue.push(exits.flatMap((exit) => (exit.text === text ? [exit.to] : [])));
      }
    }
  }

  #make(states: readonly number[]): Phase {
    const { grammar, exits: found, mayEnd } = this.#graph.stretch(states);
    const exits = new Map<number, (ids: readonly number[]) => Phase | null | undefined>();
    for (const [tokenId, ways] of found) {
      exits.set(tokenId, (ids) => {
        const states = this.#chosen(ways, ids);
        return states.length === 0 ? undefined : this.at(states);
      });
    }
    if (mayEnd) for (const id of this.#chat.endTokenIds) exits.set(id, OVER);
    let form: Promise<Form | null> | null = null;
    return {
      form: () => {
        form ??= this.#compile(grammar);
        return form;
      },
      exits,
      excluded: textMarkers(this.#chat, exits.keys()),
    };
  }

  /** Where a token leads to by what was written before it: mostly that is a tool's name. Nowhere: it may not come. */
  #chosen(ways: readonly Exit[], ids: readonly number[]): number[] {
    const bytes = ids.flatMap((id) => [...(this.#chat.bytesOf(id) ?? [])]);
    const written = new TextDecoder().decode(Uint8Array.from(bytes));
    const fitting = ways.filter(({ text, isWhole }) =>
      isWhole ? written === text : written.startsWith(text),
    );
    const length = Math.max(0, ...fitting.map(({ text }) => text.length)); // get_weather, and not get
    return [...new Set(fitting.flatMap(({ text, to }) => (text.length === length ? [to] : [])))];
  }
}
