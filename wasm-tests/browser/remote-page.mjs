// Functions that run in a page without any automation of its browser: the page, remote-page.html, asks for them.
import { text } from 'node:stream/consumers';

/** The page, once a browser has opened it from a server whose path /remote/ is `answer`. */
export class RemotePage {
  #reply = null; // of the request that the page waits on
  #pending = null; // { resolve, reject } of the work that the page does
  #pageIsThere;
  #pageIsGone;
  #opened = new Promise((resolve, reject) => {
    this.#pageIsThere = resolve;
    this.#pageIsGone = reject;
  });

  /** Handles what the page sends: its last result, for which it gets the next work. */
  answer = async (request, response) => {
    const answer = JSON.parse(await text(request));
    this.#reply = response;
    this.#pageIsThere();
    const pending = this.#pending;
    this.#pending = null;
    if (answer?.error === undefined) pending?.resolve(answer?.result);
    else pending?.reject(new Error(answer.error));
  };

  /** Resolves when the page is there; rejects when it ends before. */
  opened() {
    return this.#opened;
  }

  /** Calls `work(argument)` in the page, one at a time; argument and result are what JSON holds. */
  evaluate(work, argument = null) {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#reply.setHeader('Content-Type', 'application/json');
      this.#reply.end(JSON.stringify({ work: String(work), argument }));
    });
  }

  /** Says that the page is gone, and why. */
  end(reason) {
    this.#pageIsGone(new Error(reason));
    this.#pending?.reject(new Error(reason));
  }
}
