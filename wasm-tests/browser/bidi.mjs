// A client of WebDriver BiDi, as little as it takes to open a page and to call functions in it.
// Commands and events: https://www.w3.org/TR/webdriver-bidi/
import { WebSocket } from 'ws';

/** A connection whose commands are numbered and answered in any order. */
class Connection {
  #socket;
  #lastId = 0;
  #pending = new Map();

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (text) => {
      const { id, type, result, error, message } = JSON.parse(text);
      const command = this.#pending.get(id);
      if (command === undefined) return; // an event
      this.#pending.delete(id);
      if (type === 'success') command.resolve(result);
      else command.reject(new Error(`${command.method}: ${error}: ${message}`));
    });
    socket.on('close', () => {
      for (const { method, reject } of this.#pending.values())
        reject(new Error(`${method}: the browser is gone`));
    });
  }

  /** Gives the command's result; rejects where the browser refuses it, or ends. */
  send(method, params) {
    if (this.#socket.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error(`${method}: the browser is gone`));
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#pending.set(id, { method, resolve, reject }));
  }
}

/**
 * Starts a session with a browser.
 *
 * @param {string} url where it listens, without a path
 * @returns {Promise<{ openPage(url: string): Promise<{ evaluate: Function }>, close(): Promise<void> }>}
 *   `evaluate(f, argument)`: calls f in the page; argument and result are what JSON holds. `close`: ends the browser
 */
export async function connectBidi(url) {
  const socket = new WebSocket(`${url}/session`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const connection = new Connection(socket);
  await connection.send('session.new', { capabilities: {} });
  const evaluate = async (context, work, argument) => {
    const { type, result, exceptionDetails } = await connection.send('script.callFunction', {
      functionDeclaration: `async (argument) => JSON.stringify(await (${work})(JSON.parse(argument)))`,
      arguments: [{ type: 'string', value: JSON.stringify(argument ?? null) }],
      target: { context },
      awaitPromise: true,
    });
    if (type !== 'success') throw new Error(exceptionDetails.text);
    return result.type === 'undefined' ? undefined : JSON.parse(result.value);
  };
  return {
    async openPage(address) {
      const { context } = await connection.send('browsingContext.create', { type: 'tab' });
      await connection.send('browsingContext.navigate', { context, url: address, wait: 'complete' });
      return { evaluate: (work, argument) => evaluate(context, work, argument) };
    },
    close: () => connection.send('browser.close', {}),
  };
}
