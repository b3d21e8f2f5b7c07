// What a visitor types to name a model: its name on the hub, the address of its page there, or of files anywhere.

import { PageProblem } from '../parts/problems.js';
import { endpoint, HUB } from './hub-address.js';

/** `owner/name`, then `:Q4_K_M`, `/folder` and `@revision` where they are wanted. */
const NAME = /^(\w[\w.-]{0,95}\/\w[\w.-]{0,95})(?::(\w[\w.-]{0,31}))?(?:\/([\w./-]+))?(?:@([\w./-]+))?$/;

/**
 * @param {string} text
 * @returns {{ name: string, source: string | URL, origin: 'hub' | 'address', options?: object }} a choice of the page's
 * @throws {PageProblem} where it is neither a name nor an address
 */
export function choiceOf(text) {
  const wanted = text.trim();
  const url = addressOf(wanted);
  const name = url === null ? wanted : nameOnHub(url);
  if (name !== null) return hubChoice(name);
  return { name: url.href, source: url, origin: 'address' };
}

function hubChoice(name) {
  const [, id, type, subfolder, revision] = NAME.exec(name) ?? [];
  if (id === undefined) {
    throw new PageProblem(
      'bad-name',
      `“${name}” is no model’s name. Names have two parts, who made the model and what it is called, with a / between: ${suggestions[0].name}. An address begins with https://.`,
    );
  }
  const options = { endpoint, ...(subfolder && { subfolder }), ...(revision && { revision }) };
  return { name, source: type === undefined ? id : `${id}:${type}`, origin: 'hub', options };
}

/** The name that a choice is kept by: without the type, as all types of a repository are kept together. */
export function keptNameOf({ name, source, origin }) {
  if (origin === 'hub') return name.replace(/:\w[\w.-]*/, '');
  if (!(source instanceof URL)) return null;
  return `${source.origin}${source.pathname}${source.search === '' ? '' : '?…'}`;
}

/** What a choice can be made by again, in writing; null where that may hold a secret. */
export function typedNameOf({ name, source, origin }) {
  if (origin === 'hub') return name;
  return source instanceof URL && source.search + source.username + source.password === ''
    ? source.href
    : null;
}

function addressOf(text) {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    throw new PageProblem('bad-name', `“${text}” is no address that a browser understands.`);
  }
}

/** The name of the model whose page on the hub has this address; null for a file, and for other places. */
function nameOnHub({ origin, pathname }) {
  if (![HUB, 'https://hf.co', new URL(endpoint, location).origin].includes(origin)) return null;
  const [owner, name, kind, revision, ...rest] = pathname.split('/').filter(Boolean);
  if (name === undefined || (kind !== undefined && kind !== 'tree')) return null;
  const folder = rest.map((part) => `/${part}`).join('');
  return `${owner}/${name}${folder}${revision === undefined || revision === 'main' ? '' : `@${revision}`}`;
}

/** Models that are known to run, with what a visitor should know before they come. */
export const suggestions = [
  {
    label: 'SmolLM2 135M',
    name: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    words: 'Small and quick, for a first chat: 270 MB, fetched once.',
  },
  {
    label: 'Qwen3 0.6B',
    name: 'unsloth/Qwen3-0.6B-GGUF:Q4_K_M',
    words: 'Thinks before it answers: 400 MB, fetched once.',
  },
  {
    label: 'Llama 3.2 1B',
    name: 'bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M',
    words: 'The ablest of the three, and the slowest: 810 MB, fetched once.',
  },
];
