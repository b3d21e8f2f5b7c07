/** From the worker: a request for the page's function to make, the next chunk of its body, or the end of it. */
export type FetchRequest =
  | {
      type: 'request';
      id: number;
      url: string;
      init: Pick<RequestInit, 'credentials'> & { headers: Record<string, string> };
    }
  | { type: 'read'; id: number }
  | { type: 'cancel'; id: number };

/** From the page: the answer's head, then a chunk for each `read`, null at the end of the body; or why there is none. */
export type FetchResponse =
  | { type: 'response'; id: number; head: LentHead }
  | { type: 'chunk'; id: number; chunk: Uint8Array<ArrayBuffer> | null }
  | { type: 'failed'; id: number; reason: string };

/** All of an answer but its body. */
export interface LentHead extends Pick<Response, 'status' | 'statusText' | 'redirected' | 'type'> {
  headers: [string, string][];
  hasBody: boolean;
}
