import type { TensorRequest } from '../architectures/placement.js';
import { boolean, type Checks, checkComplete, integer, string } from '../options/option-checks.js';

const MOST_SIZE = Number.MAX_SAFE_INTEGER;

const regroupChecks: Checks<NonNullable<TensorRequest['regroup']>> = {
  parts: integer(1, MOST_SIZE),
  rest: integer(1, MOST_SIZE),
};

const requestChecks: Checks<TensorRequest> = {
  name: string,
  dtype: string,
  rows: integer(0, MOST_SIZE),
  columns: integer(0, MOST_SIZE),
  transposed: boolean,
  rowOffset: integer(0, MOST_SIZE),
  regroup: (value, name) =>
    value === null || value === undefined ? null : checkComplete(value, regroupChecks, name),
};

/** @throws SottoError 'unknown-option', 'bad-option' */
export function checkRequest(request: TensorRequest, caller: string): TensorRequest {
  return checkComplete(request, requestChecks, caller);
}

/** As it crosses: numbers stand for what there may not be. */
export function toRequestValue({ regroup, ...request }: TensorRequest) {
  return { ...request, regroupParts: regroup?.parts ?? 0, regroupRest: regroup?.rest ?? 0 };
}

/** What the words of a request may take of the engine's memory. */
export function requestBytes({ name, dtype }: TensorRequest): number {
  return 8 * (name.length + dtype.length);
}
