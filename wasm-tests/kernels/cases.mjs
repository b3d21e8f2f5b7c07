// The sizes and places at which kernels over rows are tested.
import { COLUMNS, ROWS } from './data.mjs';
import { MISALIGNMENTS } from './heap.mjs';

/** Runs `check(rows, columns, alignments)` over every size, and every misalignment of three arrays. */
export function forEveryCase(check) {
  for (const columns of COLUMNS) {
    for (const rows of ROWS) {
      for (const at of MISALIGNMENTS) {
        for (const shift of MISALIGNMENTS) {
          check(rows, columns, [at, (at + shift) % 16, (at + 3 * shift) % 16]);
        }
      }
    }
  }
}
