// What the page does beside its modes, and whose code comes when it is first used: the share link, the code of the
// present settings, the tour.

import { PageProblem } from './parts/problems.js';
import { openedLink } from './share/opened-link.js';

export class Tools {
  #page;
  /** Does what a link says; null where no link was opened. */
  #opener = null;

  /**
   * @param {import('./modes.js').Page & { modes: import('./modes.js').Modes,
   *   current(): { model: import('../web/index.ts').LanguageModel, choice: object } | null }} page
   */
  constructor(page) {
    this.#page = page;
    this.#on('share', async () => (await import('./share/share-dialog.js')).openShareDialog(page));
    this.#on('use', async () => (await import('./use/code-dialog.js')).openCodeDialog(page));
    this.#on('tour-start', async () => (await import('./tour/tour.js')).startTour(page));
    if (openedLink !== null) this.#open(openedLink);
    addEventListener('hashchange', async () => {
      const { readLink } = await import('./share/link.js');
      const link = readLink(location.hash);
      if (link !== null) this.#open(link);
    });
  }

  /** A model is there, and nothing else is on its way. */
  async modelReady() {
    await (await this.#opener)?.modelReady();
  }

  async #open(link) {
    this.#opener = import('./share/link-opener.js').then(
      ({ LinkOpener }) => new LinkOpener(this.#page, link),
    );
    await this.modelReady();
  }

  #on(id, act) {
    document.querySelector(`#${id}`).addEventListener('click', async () => {
      try {
        await act();
      } catch {
        this.#page.problems.show(new PageProblem('network', 'This part of the page did not come'));
      }
    });
  }
}
