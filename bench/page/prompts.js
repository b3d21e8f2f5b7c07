/** Tokens that no pattern repeats; another `variety` is another text from the first token on. */
export const prompt = (length, variety = 0) =>
  Array.from({ length }, (_, i) => (i * 7919 + variety * 104_729 + 11) % 50_000);
