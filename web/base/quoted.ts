/**
 * A text of somebody else's for a message: in quotes, without control characters, cut between two letters so that it takes
 * `most` at most, escapes included.
 */
export function quoted(text: string, most = 80): string {
  return `"${shortened(text, most)}"`;
}

/** The same without the quotes. */
export function shortened(text: string, most: number): string {
  let shown = '';
  for (const letter of text.slice(0, most + 1)) {
    const escaped = JSON.stringify(letter).slice(1, -1);
    if (shown.length + escaped.length > most) return `${shown}…`;
    shown += escaped;
  }
  return shown;
}

/** The first of some names, for a message. */
export function listed(names: readonly string[]): string {
  return names
    .slice(0, 8)
    .map((name) => shortened(name, 80))
    .join(', ');
}
