import { createChannel } from '../base/message-channel.js';
import { toMessage } from '../protocol/messages.js';
import { cannotImport } from '../results/environment-errors.js';
import type { Connection, Listener } from './connection.js';

/**
 * Serves in this thread, behind a line as to any other.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function useSameThread(listener: Listener): Promise<Connection> {
  const { port1, port2 } = createChannel();
  const { serve } = await import('../worker/serve.js').catch((cause: unknown) => {
    throw cannotImport('the engine', cause);
  });
  const end = serve(port2);
  port1.onmessage = listener.onMessageEvent;
  setRef(port1, false);
  setRef(port2, false);
  return {
    post: (request, transfer) => port1.postMessage(toMessage(request), transfer),
    setBusy: (isBusy) => setRef(port1, isBusy),
    close() {
      end();
      port1.close();
    },
    isForeign: false,
  };
}

/** Says whether an end of a line keeps the process alive; browsers know no such thing. */
export function setRef(target: object, isNeeded: boolean): void {
  const { ref, unref } = target as { ref?: () => void; unref?: () => void };
  (isNeeded ? ref : unref)?.call(target);
}
