import type { WorkerLike } from '../options/load-options.js';
import { SottoError } from '../results/errors.js';
import type { Connection, Listener } from './connection.js';
import { useSameThread } from './same-thread.js';

/** Connects to this thread. @throws SottoError 'unsupported-environment' where a worker is asked for */
export async function connect(
  worker: boolean | WorkerLike | undefined,
  listener: Listener,
): Promise<Connection> {
  if (worker) {
    throw new SottoError(
      'unsupported-environment',
      'worker: sotto/edge runs models in the thread that loads them, as service workers and edge runtimes start no other. Leave ' +
        "the option out, or, where workers can be started, import 'sotto' or 'sotto/inline'.",
    );
  }
  return useSameThread(listener);
}

/** The error for a model that does not start. */
export function cannotStart(detail: string): SottoError {
  return new SottoError('unsupported-environment', `the model did not start (${detail})`);
}
