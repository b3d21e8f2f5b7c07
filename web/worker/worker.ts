// The script of a worker: a web worker, or a thread of node:worker_threads. Import it as `sotto/worker` in a script of
// your own to make that a worker for `LanguageModel.load(source, { worker })`.
import { importNode, isNode } from '../base/environment.js';
import type { Port } from '../protocol/protocol.js';
import { serve } from './serve.js';

if (isNode) {
  void importNode('node:worker_threads').then(({ parentPort }) => {
    if (parentPort !== null) serve(parentPort as unknown as Port);
  });
} else {
  serve(self as unknown as Port);
}
