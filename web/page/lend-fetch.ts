import { createChannel } from '../base/message-channel.js';
import type { FetchRequest, FetchResponse } from '../protocol/lent-fetch.js';
import { messageOf } from '../results/thrown.js';
import type { Fetch } from '../sources/http.js';

/** A request that is made for the worker. */
interface Running {
  controller: AbortController;
  reader: ReadableStreamDefaultReader<Uint8Array> | null;
}

/**
 * Lends a function of the caller's that makes requests to the worker, which functions cannot be sent to. Bodies go over chunk by
 * chunk, as they are asked for.
 *
 * @returns The port for the worker, and what ends it all.
 */
export function lendFetch(fetch: Fetch): { port: MessagePort; end: () => void } {
  const { port1, port2 } = createChannel();
  const running = new Map<number, Running>();
  const tell = (response: FetchResponse, transfer: Transferable[] = []) =>
    port1.postMessage(response, transfer);

  async function request({ id, url, init }: Extract<FetchRequest, { type: 'request' }>): Promise<void> {
    const controller = new AbortController();
    const made: Running = { controller, reader: null };
    running.set(id, made);
    const response = await fetch(url, { ...init, signal: controller.signal });
    const { status, statusText = '', redirected = false, type = 'default', body = null } = response;
    made.reader = body === null ? null : body.getReader();
    const head = {
      status,
      statusText,
      redirected,
      type,
      headers: [...response.headers],
      hasBody: body !== null,
    };
    tell({ type: 'response', id, head });
  }

  async function read(id: number): Promise<void> {
    const { done = true, value } = (await running.get(id)?.reader?.read()) ?? {};
    if (done || value === undefined) tell({ type: 'chunk', id, chunk: null });
    else {
      const chunk = value.slice(); // it may be a part of what the caller keeps
      tell({ type: 'chunk', id, chunk }, [chunk.buffer]);
    }
  }

  function cancel(id: number): void {
    const made = running.get(id);
    running.delete(id);
    made?.controller.abort();
    made?.reader?.cancel().catch(() => {}); // nobody wants to hear of it
  }

  port1.onmessage = ({ data }: MessageEvent<FetchRequest>) => {
    const { id } = data;
    if (data.type === 'cancel') cancel(id);
    else {
      const answering = data.type === 'request' ? request(data) : read(id);
      answering.catch((error) => tell({ type: 'failed', id, reason: messageOf(error) }));
    }
  };
  const end = () => {
    for (const id of [...running.keys()]) cancel(id);
    port1.close();
  };
  return { port: port2, end };
}
