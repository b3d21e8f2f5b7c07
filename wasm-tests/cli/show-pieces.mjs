// Shows the pieces of an answer that it is given as JSON, as `sotto run` and `sotto chat` show them.
import { showAnswer } from '../../build/web/cli/answer.js';

const pieces = JSON.parse(process.argv[2]);
await showAnswer({
  async *[Symbol.asyncIterator]() {
    yield* pieces;
  },
  result: Promise.resolve(null),
  abort() {},
});
