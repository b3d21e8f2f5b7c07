// Tokens and, in columns beside them, bars of their probabilities.
import { rect, text } from './svg.mjs';

const ROW_HEIGHT = 24;
const LABEL_WIDTH = 110;

/** A probability as it is read: with a decimal below ten per cent. */
export function percent(p) {
  if (p < 0.0005) return 'below 0.1 %';
  return `${(p * 100).toFixed(p < 0.0995 ? 1 : 0)} %`;
}

/**
 * @param {object} parts
 * @param {string[]} parts.labels of the tokens
 * @param {{ title: string, kind?: string, probabilities: number[], shares?: number[] }[]} parts.columns `shares`: of draws, as
 *   marks beside the bars
 * @param {number} parts.top where the titles stand
 * @param {number} parts.most the probability that fills a column
 * @param {number} parts.right
 * @returns {{ markup: string[], bottom: number }}
 */
export function barTable({ labels, columns, top, most, right }) {
  const left = 20 + LABEL_WIDTH;
  const width = (right - left) / columns.length;
  const barWidth = width - 62;
  const y = (row) => top + 14 + row * ROW_HEIGHT;
  const markup = labels.map((label, row) => text(left - 10, y(row) + 15, label, 'mono end'));
  for (const [index, { title, kind = 'fill', probabilities, shares }] of columns.entries()) {
    const x = left + index * width;
    markup.push(text(x, top, title, 'small bold'));
    for (const [row, p] of probabilities.entries()) {
      if (p === 0) {
        markup.push(text(x, y(row) + 15, 'ruled out', 'small muted'));
        continue;
      }
      const length = Math.max(1, (p / most) * barWidth);
      markup.push(rect(x, y(row) + 3, length, ROW_HEIGHT - 8, kind, { rx: 2 }));
      const mark = shares === undefined ? 0 : (shares[row] / most) * barWidth;
      markup.push(text(x + Math.max(length, mark) + 6, y(row) + 16, percent(p), 'small muted'));
      if (shares !== undefined) markup.push(rect(x + mark - 1, y(row) + 1, 2, ROW_HEIGHT - 4, 'hot'));
    }
  }
  return { markup, bottom: y(labels.length) };
}
