import { isFileName } from '../base/file-name.js';
import type { ModelStore } from '../stores/model-store.js';
import type { LoadOptions } from './load-options.js';
import {
  badOption,
  boolean,
  type Check,
  type Checks,
  callback,
  integer,
  oneOf,
  tag,
} from './option-checks.js';

/** The options of loading that say where files come from, and how. */
export type FetchOptions = Pick<
  LoadOptions,
  | 'revision'
  | 'subfolder'
  | 'endpoint'
  | 'token'
  | 'update'
  | 'store'
  | 'headers'
  | 'credentials'
  | 'fetch'
  | 'retries'
  | 'timeout'
>;

/** The longest delay that timers take, in milliseconds. */
const MOST_TIMEOUT = 2 ** 31 - 1;

/** Checks of {@link FetchOptions}. */
export const fetchChecks: Checks<FetchOptions> = {
  revision: matching(/^[^\s\p{Cc}]{1,250}$/u, 'a branch, a tag or a commit'),
  subfolder: folder,
  endpoint: endpointUrl,
  token: matching(/^[\x21-\x7e]{1,4096}$/, 'a string of visible characters', () => 'what was given'),
  update: boolean,
  store: storeOption,
  headers: headersOption,
  credentials: oneOf(['omit', 'same-origin', 'include']),
  fetch: callback(),
  retries: integer(0, 100),
  timeout: integer(1, MOST_TIMEOUT),
};

/** Strings of a form; `shown` keeps secrets out of messages. */
function matching(
  pattern: RegExp,
  expected: string,
  shown: (value: unknown) => unknown = (value) => value,
): Check<string> {
  return (value, name) => {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw badOption(name, shown(value), expected);
  };
}

function folder(value: unknown, name: string): string {
  if (value === '' || (typeof value === 'string' && isFileName(value.replace(/\/$/, '')))) return value;
  throw badOption(name, value, "a folder inside the repository, such as 'onnx/small'");
}

function endpointUrl(value: unknown, name: string): string {
  const url = typeof value === 'string' && value.length <= 1024 ? parsed(value) : null;
  const isPlain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href;
  throw badOption(
    name,
    url === null ? value : url.origin,
    'the http: or https: URL of a hub, without query or password',
  );
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function storeOption(value: unknown, name: string): boolean | ModelStore {
  // One of another copy of the library's says the same of itself.
  if (typeof value === 'boolean' || tag(value) === 'ModelStore') return value as boolean | ModelStore;
  throw badOption(name, value, 'true, false or a ModelStore');
}

/** As plain data; requests for parts are our own business. */
function headersOption(value: unknown, name: string): Record<string, string> {
  let headers: Headers;
  try {
    headers = new Headers(value as HeadersInit);
  } catch {
    throw badOption(name, typeof value, 'headers as fetch takes them: an object with their values by name');
  }
  if (headers.has('range')) throw badOption(`${name}.range`, headers.get('range'), 'left to sotto');
  return Object.fromEntries(headers);
}
