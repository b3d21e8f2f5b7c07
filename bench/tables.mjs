// The figures of all rounds as Markdown: medians, and ratios as medians of the ratios within a round.
import { median } from './statistics.mjs';

export const row = (...cells) => `| ${cells.join(' | ')} |`;
export const head = (...cells) => [row(...cells), row(...cells.map(() => '---'))];
export const fixed = (value, digits = 1) => (value === undefined ? '' : value.toFixed(digits));
const MB = 2 ** 20;

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

/** Each figure that has a target: [name, how it is read from a round and a number of threads, digits, target]. */
const FIGURES = [
  [
    'q8 decode / native q8_0',
    (r, t) => r[`sotto q8 ${t}`].decode / r[`llama.cpp q8_0 ${t}`]?.decode,
    ['>= 1.4', '>= 1.8'],
  ],
  [
    'q4 decode / native q4_0',
    (r, t) => r[`sotto q4 ${t}`].decode / r[`llama.cpp q4_0 ${t}`]?.decode,
    ['>= 1.8', '>= 2.0'],
  ],
  [
    'q8 prefill of 512 / native q8_0',
    (r, t) => r[`llama.cpp q8_0 ${t}`]?.prefill[512] / r[`sotto q8 ${t}`].prefill[512],
    ['>= 1.5', '>= 1.5'],
  ],
  [
    'q4 prefill of 512 / q8',
    (r, t) => r[`sotto q8 ${t}`].prefill[512] / r[`sotto q4 ${t}`].prefill[512],
    ['>= 0.9', '>= 0.9'],
  ],
  [
    'share of the read bandwidth, q8 decode',
    (r, t) =>
      (r[`sotto q8 ${t}`].weightBytes * r[`sotto q8 ${t}`].decode) / r[`kernels q8 ${t}`].bytesPerSecond,
    ['>= 0.75', '>= 0.70'],
  ],
  [
    'whole q8 tokens / products alone',
    (r, t) => (r[`sotto q8 ${t}`].decode * r[`kernels q8 ${t}`].products[1]) / 1000,
    ['', ''],
  ],
  [
    'first token of 16, q8 / transformers.js q8',
    (r, t) => r[`sotto q8 ${t}`].prefill[16] / r[`transformers.js q8 ${t}`]?.prefill[16],
    ['<= 0.25', '<= 0.25'],
  ],
  [
    'q8 decode at 900 / at 64',
    (r, t) => r[`sotto q8 ${t}`].atContext[900] / r[`sotto q8 ${t}`].atContext[64],
    ['>= 0.8', '>= 0.8'],
  ],
  [
    'q4 decode at 900 / at 64',
    (r, t) => r[`sotto q4 ${t}`].atContext[900] / r[`sotto q4 ${t}`].atContext[64],
    ['', ''],
  ],
  ["renderer's peak, q8, MB", (r, t) => r[`sotto q8 ${t}`].peakBytes / MB, ['<= 320', '<= 340'], 0],
  [
    "load to q8 / the best peer's load",
    (r, t) =>
      r[`sotto q8 ${t}`].loadSeconds /
      Math.min(r[`transformers.js q8 ${t}`]?.loadSeconds, r[`wllama q8_0 ${t}`]?.loadSeconds),
    ['<= 1', '<= 1'],
  ],
  ['read bandwidth, GB/s', (r, t) => r[`kernels q8 ${t}`].bytesPerSecond / 1e9, ['', ''], 1],
];

export function figuresTable(rounds, shippedBytes) {
  const lines = FIGURES.map(([name, read, [one, two], digits = 2]) => {
    const cell = (threads) =>
      fixed(
        medianOf(rounds, (round) => read(round, threads)),
        digits,
      );
    return row(name, cell(1), one, cell(2), two);
  });
  const contended = medianOf(rounds, ({ contention: { contended } }) => contended[2] / contended[1]);
  lines.push(row('2 threads / 1 thread, another process busy', '', '', fixed(contended, 2), '>= 0.8'));
  lines.push(
    row('wasm and glue of the largest variant, gzip, KB', fixed(shippedBytes / 1000), '<= 130', '', ''),
  );
  return [...head('figure', '1 thread', 'target', '2 threads', 'target'), ...lines].join('\n');
}
