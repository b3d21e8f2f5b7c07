// The figures of all rounds as Markdown: medians, and ratios as medians of the ratios within a round.
import { median } from './statistics.mjs';

export const row = (...cells) => `| ${cells.join(' | ')} |`;
export const head = (...cells) => [row(...cells), row(...cells.map(() => '---'))];
export const fixed = (value, digits = 1) => (value === undefined ? '' : value.toFixed(digits));
export const MB = 2 ** 20;

/** The median over rounds of what `read` finds in each; undefined where it finds nothing. */
export function medianOf(rounds, read) {
  const found = rounds.map(read).filter((value) => Number.isFinite(value));
  return found.length === 0 ? undefined : median(found);
}

/** A line for every run: speeds, times, memory. Null where there was none. */
export function runsTable(rounds) {
  const lines = Object.keys(rounds[0])
    .filter((name) => rounds[0][name].prefill !== undefined)
    .map((name) => {
      const of = (read) => medianOf(rounds, (round) => read(round[name]));
      const kernels = (read) =>
        medianOf(rounds, (round) => read(round[name.replace('sotto', 'kernels')] ?? {}));
      const isOurs = name.startsWith('sotto');
      return row(
        name,
        fixed(of((r) => r.decode)),
        isOurs ? fixed(kernels((k) => 1000 / k.products?.[1])) : '',
        fixed(
          of((r) => 16 / r.prefill[16]),
          0,
        ),
        fixed(
          of((r) => 128 / r.prefill[128]),
          0,
        ),
        isOurs
          ? fixed(
              kernels((k) => 128_000 / k.products?.[128]),
              0,
            )
          : '',
        fixed(
          of((r) => 512 / r.prefill[512]),
          0,
        ),
        fixed(
          of((r) => r.prefill[16] * 1000),
          0,
        ),
        fixed(
          of((r) => r.loadSeconds),
          2,
        ),
        fixed(
          of((r) => r.peakBytes / MB),
          0,
        ),
      );
    });
  if (lines.length === 0) return null;
  return [
    ...head(
      'run, threads',
      'decode, tokens/s',
      'products alone',
      'prefill 16',
      'prefill 128, tokens/s',
      'products alone',
      'prefill 512',
      'first token of 16, ms',
      'load, s',
      'peak MB',
    ),
    ...lines,
  ].join('\n');
}

/**
 * A line for every figure that some round has; null where none has any.
 *
 * @param {[string, (round: object, threads: number) => number | undefined, [string, string], number?][]} figures name, how it
 *   is read from a round and a number of threads, targets for one and two threads, digits (2)
 */
export function figuresTable(rounds, figures) {
  const lines = figures.flatMap(([name, read, [one, two], digits = 2]) => {
    const [first, second] = [1, 2].map((threads) => medianOf(rounds, (round) => read(round, threads)));
    if (first === undefined && second === undefined) return [];
    return [row(name, fixed(first, digits), one, fixed(second, digits), two)];
  });
  if (lines.length === 0) return null;
  return [...head('figure', '1 thread', 'target', '2 threads', 'target'), ...lines].join('\n');
}
