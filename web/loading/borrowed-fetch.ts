import type { FetchRequest, FetchResponse, LentHead } from '../protocol/lent-fetch.js';
import type { Fetch, FetchedResponse } from '../sources/http.js';

/** A request whose answer, or part of it, is waited for. */
interface Waiting {
  resolve(response: FetchResponse): void;
  reject(error: Error): void;
}

/** The page's function, as one of this thread. */
export function borrowFetch(port: MessagePort): Fetch {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  port.onmessage = ({ data }: MessageEvent<FetchResponse>) => {
    const waiter = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.type === 'failed') waiter?.reject(new Error(data.reason));
    else waiter?.resolve(data);
  };
  const ask = (request: FetchRequest) =>
    new Promise<FetchResponse>((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      port.postMessage(request);
    });

  return async (url, { headers = {}, credentials, signal }) => {
    signal?.throwIfAborted();
    const id = ++lastId;
    const abort = () => {
      waiting.get(id)?.reject(signal?.reason);
      waiting.delete(id);
      port.postMessage({ type: 'cancel', id } satisfies FetchRequest);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const init = { headers: Object.fromEntries(new Headers(headers)), ...(credentials && { credentials }) };
    const response = await ask({ type: 'request', id, url, init });
    if (response.type !== 'response') throw new Error('the answer to a request is none');
    return answerOf(response.head, {
      async pull(controller) {
        const part = await ask({ type: 'read', id });
        if (part.type === 'chunk' && part.chunk !== null) controller.enqueue(part.chunk);
        else controller.close();
      },
      cancel: () => port.postMessage({ type: 'cancel', id } satisfies FetchRequest),
    });
  };
}

function answerOf(
  { hasBody, headers, ...head }: LentHead,
  body: UnderlyingDefaultSource<Uint8Array>,
): FetchedResponse {
  return {
    ...head,
    ok: head.status >= 200 && head.status < 300,
    headers: new Headers(headers),
    body: hasBody ? (new ReadableStream(body, { highWaterMark: 0 }) as FetchedResponse['body']) : null,
  };
}
