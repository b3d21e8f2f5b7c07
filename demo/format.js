// Numbers as people read them.

const plain = new Intl.NumberFormat('en');

/** 1234567 -> "1,234,567" */
export const count = (value) => plain.format(value);

/** 3746000 -> "3.75 million" */
export function parameters(value) {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(3)} billion`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} million`;
  return value >= 1e3 ? `${Math.round(value / 1e3)} thousand` : count(value);
}

/** 7503816 -> "7.5 MB" */
export function bytes(value) {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(value / 1e3)} kB`;
}

/** 23.4 -> "23 ms", 1234 -> "1.23 s" */
export function milliseconds(value) {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** 187.4 -> "187 tokens/s" */
export const rate = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} tokens/s`;
