// Following a generation on the page, to its end or to where somebody stopped it.

/**
 * Shows the pieces as they come, and the figures.
 *
 * @param {import('../../web/index.ts').Generation} run
 * @param {{ figures: import('./figures.js').Figures, view: { add(piece: object): void },
 *   announce(message: string): void }} where
 * @returns {Promise<import('../../web/index.ts').GenerationResult>} of a text that somebody stopped what there is of it
 */
export async function follow(run, { figures, view, announce }) {
  figures.begin();
  try {
    const result = await show(run, figures, view);
    const reason = figures.end(result);
    announce(`Done: ${result.usage.completionTokens} tokens, ${reason}.`);
    return result;
  } catch (error) {
    figures.fail();
    throw error;
  }
}

async function show(run, figures, view) {
  try {
    for await (const piece of run) {
      view.add(piece);
      figures.add(piece);
    }
    return await run.result;
  } catch (error) {
    if (error.name === 'AbortError') return error.result;
    throw error;
  }
}
