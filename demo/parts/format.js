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

/** 12.3 -> "12 s", 150 -> "3 min", 5000 -> "1 h 23 min" */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 187.4 -> "187 tokens/s" */
export const rate = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} tokens/s`;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** Of a Date: "today", "yesterday", "3 days ago" */
export function daysAgo(date) {
  const dayOf = (time) => Math.floor((time.getTime() - time.getTimezoneOffset() * 60_000) / 86_400_000);
  return relative.format(Math.min(0, dayOf(date) - dayOf(new Date())), 'day');
}
