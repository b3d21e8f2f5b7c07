import { isEdgeRuntime } from '../base/environment.js';
import type { FetchOptions } from '../options/fetch-options.js';
import type { LoadOptions } from '../options/load-options.js';
import type { LoadParams } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { resolveSource, type SourceSpec } from '../sources/spec.js';
import type { StoreSpec } from '../stores/open.js';
import { lendFetch } from './lend-fetch.js';
import { lendSource } from './lend-source.js';

/** Options that say which model of a hub is meant. */
const HUB_OPTIONS = ['revision', 'subfolder', 'endpoint', 'token', 'update'] as const;

/** Options that say how files are fetched. */
const FETCH_OPTIONS = ['headers', 'credentials', 'fetch', 'retries', 'timeout'] as const;

/** A source, and options that fit it. @throws SottoError 'bad-option' */
export function resolveLoadSource(source: unknown, options: FetchOptions): SourceSpec {
  const { revision, subfolder, endpoint } = options;
  const spec = resolveSource(source, {
    ...(revision !== undefined && { revision }),
    ...(subfolder !== undefined && { subfolder }),
    ...(endpoint !== undefined && { endpoint }),
  });
  const isHub = spec.kind === 'hub';
  if (!isHub) refuse(options, HUB_OPTIONS, "is for models by name, such as 'owner/name'");
  if (!isHub && spec.kind !== 'url' && spec.kind !== 'urls')
    refuse(options, FETCH_OPTIONS, 'is for files that are fetched');
  return spec;
}

function refuse(options: FetchOptions, names: readonly (keyof FetchOptions)[], what: string): void {
  const name = names.find((option) => options[option] !== undefined);
  if (name === undefined) return;
  throw new SottoError('bad-option', `${name} ${what}, and the source is something else; leave it out`);
}

/** A source as it is sent to the worker. */
export interface LentFilesOfModel {
  params: Pick<LoadParams, 'source' | 'files'>;
  transfer: MessagePort[];
  /** To be called when all is read. */
  end(): void;
}

/** Makes a source ready to be sent: what only this thread has is lent by ports. */
export function lendModel(spec: SourceSpec, options: FetchOptions): LentFilesOfModel {
  const { update, fetch } = options;
  const lentSource = lendSource(spec);
  const lentFetch = fetch === undefined ? null : lendFetch(fetch);
  const files = {
    http: httpOptions(spec, options),
    store: storeOf(options.store),
    ...(update !== undefined && { update }),
    ...(lentFetch && { fetch: lentFetch.port }),
  };
  return {
    params: { source: lentSource.source, files },
    transfer: [...lentSource.transfer, ...(lentFetch ? [lentFetch.port] : [])],
    end() {
      lentSource.end();
      lentFetch?.end();
    },
  };
}

/** The options that go to the engine as they are. */
export function engineParams(options: LoadOptions) {
  const { weights, threads, variant, wasm, memoryLimit } = options;
  return withoutUndefined({ weights, threads, variant, wasm, memoryLimit });
}

function httpOptions(spec: SourceSpec, options: FetchOptions): LoadParams['files']['http'] {
  const { headers, credentials, token, retries, timeout } = options;
  return {
    ...withoutUndefined({ credentials, retries, timeout }),
    ...(headers !== undefined && { headers: Object.fromEntries(new Headers(headers)) }),
    ...(token !== undefined && spec.kind === 'hub' && { token, tokenOrigin: new URL(spec.endpoint).origin }),
  };
}

function storeOf(store: FetchOptions['store']): StoreSpec {
  if (store === false || (store === undefined && isEdgeRuntime)) return null; // where there is none
  return store === undefined || store === true ? { kind: 'auto' } : store.spec;
}

type WithoutUndefined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function withoutUndefined<T extends object>(values: T): WithoutUndefined<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as WithoutUndefined<T>;
}
