import { shownAddress } from '../base/address.js';
import { SottoError } from '../results/errors.js';
import type { Answer, HttpClient } from './http.js';
import { RefusedError } from './source.js';

/** A body that gives a reason is short; longer ones are pages. */
const MOST_REASON_BYTES = 4096;
const MOST_REASON_LETTERS = 200;

/** What was known to be there is not there any more. */
export class GoneError extends SottoError {
  constructor(message: string) {
    super('file-not-found', message);
  }
}

/** The error for an answer that brings no file, with the reason that the server gives. Reads the response's body. */
export async function httpError(address: string, answer: Answer, http: HttpClient): Promise<SottoError> {
  const { status, statusText } = answer.response;
  const why = http.shown((await reasonOf(answer)) || statusText || 'no reason given', address);
  const what = `${shownAddress(address)}: the server answered HTTP ${status} (${shortened(why)})`;
  const refusal = hubRefusal(answer.response.headers.get('x-error-code'));
  if (refusal !== null) return new SottoError('access-denied', `${what}; ${refusal}`);
  switch (status) {
    case 401:
    case 403:
      return new RefusedError(
        `${what}; it needs permission, or there is no such model or file: some stores answer ${status} for what is not there`,
      );
    case 400:
      return new RefusedError(
        `${what}; check the address: some stores answer ${status} for what is not there`,
      );
    case 404:
    case 410:
      return new GoneError(`${what}, and it was there before; load the model again`);
    default:
      return new SottoError('network', `${what}; try again later`);
  }
}

/** Of a model whose list the hub shows to everybody. */
function hubRefusal(code: string | null): string | null {
  if (code === 'DisabledRepo') return 'the model was taken down';
  if (code !== 'GatedRepo') return null;
  return (
    'the model is only for those who have accepted its conditions. Accept them on its page, and give a token of that ' +
    'account as the option `token`'
  );
}

/** From the header of Hugging Face's hub, else from the body: plain text, JSON's or XML's message. */
export async function reasonOf(answer: Answer): Promise<string> {
  const { headers } = answer.response;
  const told = headers.get('x-error-message');
  if (told !== null || /html/i.test(headers.get('content-type') ?? '')) {
    await answer.body.cancel();
    return told ?? '';
  }
  const body = await beginningOf(answer);
  if (/^\s*</.test(body)) return /<Message>([^<]*)<\/Message>/i.exec(body)?.[1] ?? ''; // S3's; the rest may hold signatures
  if (/^\s*[{["]/.test(body)) return messageIn(body);
  return body;
}

function messageIn(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return '';
    const { error, message } = value as Readonly<Record<string, unknown>>;
    return [message, error].find((text) => typeof text === 'string') ?? '';
  } catch {
    return '';
  }
}

async function beginningOf({ body }: Answer): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MOST_REASON_BYTES) return '';
    }
    return text;
  } catch {
    return ''; // the status says enough
  } finally {
    await body.cancel();
  }
}

function shortened(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > MOST_REASON_LETTERS ? `${line.slice(0, MOST_REASON_LETTERS)}…` : line;
}
