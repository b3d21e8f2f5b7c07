import { countHeads, type DecoderConfig } from '../architectures/decoder-config.js';
import type { BackendSession } from '../engine/backend.js';
import type { Taps } from '../results/session-values.js';

/** Puts the taps of several passes over one text together, as if it had been one. */
export class TapCollector {
  readonly #parts: Taps[] = [];

  /** Copies what the session's taps kept of its last pass. */
  collect(session: BackendSession): void {
    const { rows, hidden, attention } = session.taps();
    this.#parts.push({
      rows,
      ...(hidden && { hidden: hidden.slice() }),
      ...(attention && { attention: attention.slice() }),
    });
  }

  /** @param length Of the session, behind the last pass. */
  taps(config: DecoderConfig, length: number): Taps {
    const { layers, hiddenSize } = config;
    const rows = this.#parts.reduce((sum, part) => sum + part.rows, 0);
    const taps: Taps = { rows };
    if (this.#parts[0]?.hidden) {
      taps.hidden = this.#join('hidden', layers.length + 1, rows, hiddenSize);
    }
    if (this.#parts[0]?.attention) {
      taps.attention = this.#join('attention', countHeads(config), rows, length);
    }
    return taps;
  }

  /** [planes, rows, columns] of parts [planes, their rows, at most as many columns]. */
  #join(name: 'hidden' | 'attention', planes: number, rows: number, columns: number): Float32Array {
    const joined = new Float32Array(planes * rows * columns);
    let row = 0;
    for (const part of this.#parts) {
      const values = part[name] as Float32Array;
      const partColumns = values.length / (planes * part.rows);
      for (let plane = 0; plane < planes; plane++) {
        for (let i = 0; i < part.rows; i++) {
          const from = (plane * part.rows + i) * partColumns;
          joined.set(values.subarray(from, from + partColumns), (plane * rows + row + i) * columns);
        }
      }
      row += part.rows;
    }
    return joined;
  }
}
