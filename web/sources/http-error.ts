import { shownAddress, withoutSecrets } from '../base/address.js';
import { SottoError } from '../results/errors.js';
import { RefusedError } from './source.js';

/** A body that gives a reason is short; longer ones are pages. */
const MOST_REASON_BYTES = 4096;
const MOST_REASON_LETTERS = 200;

/** The error for an answer that brings no file, with the reason that the server gives. Reads the response's body. */
export async function httpError(address: string, response: Response): Promise<SottoError> {
  const { status } = response;
  const why = withoutSecrets((await reasonOf(response)) || response.statusText || 'no reason given', address);
  const what = `${shownAddress(address)}: the server answered HTTP ${status} (${shortened(why)})`;
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
    default:
      return new SottoError('network', `${what}; try again later`);
  }
}

/** From the header of Hugging Face's hub, else from the body: plain text, JSON's or XML's message. */
async function reasonOf(response: Response): Promise<string> {
  const told = response.headers.get('x-error-message');
  const type = response.headers.get('content-type') ?? '';
  if (told !== null || /html/i.test(type)) {
    await response.body?.cancel().catch(() => {});
    return told ?? '';
  }
  const body = await beginningOf(response);
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

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done) return text;
      text += decoder.decode(value, { stream: true });
      if (text.length > MOST_REASON_BYTES) return '';
    }
  } catch {
    return ''; // the status says enough
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

function shortened(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > MOST_REASON_LETTERS ? `${line.slice(0, MOST_REASON_LETTERS)}…` : line;
}
