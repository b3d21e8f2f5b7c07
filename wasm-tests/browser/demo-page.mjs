// The demo as its reader sees it: what the tests read from the page and do with it.

/** One page of the demo, by what stands on it. */
export class DemoPage {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Waits until the model with this name is loaded; the story that the page then begins by itself is stopped, but not what a
   * link began.
   */
  async waitForModel(name = 'Tiny stories') {
    await this.page.waitForFunction(
      (wanted) =>
        document.querySelector('#model-loading').hidden &&
        document.querySelector('#model-name').textContent.includes(wanted) &&
        document.querySelector('#runtime').textContent !== '' &&
        document.querySelector('#kept-total').textContent !== '…',
      name,
    );
    await this.page.evaluate(() => {
      const stop = document.querySelector('#stop');
      if (location.hash === '' && stop.getAttribute('aria-disabled') === 'false') stop.click();
    });
    if (new URL(this.page.url()).hash === '') await this.waitForQuiet();
  }

  /** Waits until the model is loaded on a page that a link was opened with; what the link asks for is written at full speed. */
  async waitForLink() {
    await this.setPace('full');
    await this.page.waitForFunction(() => document.querySelector('#runtime').textContent !== '');
  }

  /** Waits until nothing is being written, or nothing was yet. */
  async waitForQuiet() {
    await this.page.waitForFunction(
      () => document.querySelector('#text').getAttribute('aria-busy') === 'false',
    );
  }

  /** @param {'reading' | 'full' | 'step'} pace */
  async setPace(pace) {
    await this.page.selectOption('#pace', pace);
  }

  /** Opens the dialog that models are chosen in. */
  async openModels() {
    if (!(await this.page.isVisible('#model-dialog'))) await this.page.click('#change-model');
  }

  async closeModels() {
    if (await this.page.isVisible('#model-dialog')) await this.page.click('#close-models');
  }

  /** Takes the page's own model. */
  async useEmbedded() {
    await this.openModels();
    await this.page.click('#use-embedded');
    await this.waitForModel();
  }

  /** Types a model's name or address, and presses Enter. */
  async loadByName(name) {
    await this.openModels();
    await this.page.fill('#model-source', name);
    await this.page.press('#model-source', 'Enter');
  }

  /** Opens the list of the models that are kept. */
  async openKept() {
    await this.openModels();
    await this.page.evaluate(() => {
      document.querySelector('#kept').open = true;
    });
  }

  /** Waits until the page works without a connection. */
  async waitForOffline() {
    await this.page.waitForFunction(() => document.querySelector('#offline').textContent !== '');
  }

  /** Notes what these elements say from now on; read it with `words()`. */
  async watchWords(...ids) {
    await this.page.evaluate((watched) => {
      window.words = Object.fromEntries(watched.map((id) => [id, []]));
      for (const id of watched) {
        const element = document.querySelector(`#${id}`);
        const note = () => window.words[id].push(element.textContent);
        new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
      }
    }, ids);
  }

  words() {
    return this.page.evaluate(() => window.words);
  }

  /** Chooses a seed that stays, the same model, prompt and settings given. */
  async setSeed(seed) {
    await this.page.fill('#seed', String(seed));
  }

  /** Waits until nothing is being written. */
  async waitForEnd() {
    await this.page.waitForFunction(
      () =>
        document.querySelector('#text').getAttribute('aria-busy') === 'false' &&
        document.querySelector('#figure-state').textContent !== '–',
    );
  }

  /** Presses Generate and waits for the end, at full speed. Gives the new text, without the prompt. */
  async generate() {
    await this.setPace('full');
    await this.page.click('#generate');
    await this.waitForEnd();
    return this.voice();
  }

  /**
   * Presses Generate and waits for the end.
   *
   * @returns {Promise<{ busyMs: number, writingMs: number }>} the processor's time that the page's own thread took, which
   *   other programs do not add to, and how long it wrote
   */
  async generateMeasured() {
    const devtools = await this.page.context().newCDPSession(this.page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busyMs = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
    };
    const before = await busyMs();
    const startMs = performance.now();
    await this.generate();
    const measured = { busyMs: (await busyMs()) - before, writingMs: performance.now() - startMs };
    await devtools.detach();
    return measured;
  }

  /** What the model has written. */
  voice() {
    return this.page.textContent('#text-voice');
  }

  prompt() {
    return this.page.textContent('#text-prompt');
  }

  /** Why the text ended, in the page's words. */
  state() {
    return this.page.textContent('#figure-state');
  }

  async tokenCount() {
    return Number(await this.page.textContent('#figure-tokens'));
  }

  /** Of each token its word and its surprise in bits, by which it is shaded. */
  tokens() {
    return this.page.$$eval('#text-voice .token', (elements) =>
      elements.map((element) => ({
        word: element.textContent,
        bits: Number(element.style.getPropertyValue('--surprise')),
        isSelected: element.classList.contains('is-selected'),
      })),
    );
  }

  /** Clicks a token of the text. */
  async clickToken(index) {
    await this.page.locator('#text-voice .token').nth(index).click();
  }

  /** What the panel says of a token: its word, how it was chosen, and the alternatives with their probabilities. */
  choice() {
    return this.page.evaluate(() => ({
      word: document.querySelector('#choice-word').textContent,
      facts: document.querySelector('#choice-facts').textContent,
      alternatives: [...document.querySelectorAll('.alternative')].map((button) => ({
        word: button.querySelector('.alternative-word').textContent,
        share: Number(button.style.getPropertyValue('--share')),
        percent: button.querySelector('.alternative-share').textContent,
        isChosen: button.getAttribute('aria-current') === 'true',
        isOut: button.classList.contains('is-out'),
      })),
    }));
  }

  /** Goes on with the alternative at this place, and waits for the end. */
  async chooseAlternative(place) {
    await this.page.locator('.alternative').nth(place).click();
    await this.waitForQuiet();
  }

  /** The branches as the tree names them, and which is shown. */
  branches() {
    return this.page.$$eval('.branch', (buttons) =>
      buttons.map((button) => ({
        name: button.textContent,
        isShown: button.getAttribute('aria-current') === 'true',
      })),
    );
  }

  /** Waits for an error, and gives its words. */
  async waitForProblem() {
    await this.page.waitForFunction(() => document.querySelector('#problem').textContent !== '');
    return this.page.textContent('#problem');
  }

  problem() {
    return this.page.textContent('#problem');
  }

  /**
   * Stops the next text as soon as its first words are there. It happens in the page: from here it would be too late.
   *
   * @param {'button' | 'Escape'} way
   */
  async stopAtFirstWords(way) {
    await this.page.evaluate((chosen) => {
      const text = document.querySelector('#text');
      const voice = document.querySelector('#text-voice');
      const escapeKey = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
      const observer = new MutationObserver(() => {
        if (text.getAttribute('aria-busy') === 'false' || voice.textContent === '') return;
        observer.disconnect();
        if (chosen === 'button') document.querySelector('#stop').click();
        else document.activeElement.dispatchEvent(escapeKey);
      });
      observer.observe(voice, { childList: true, subtree: true });
    }, way);
  }

  /** The lengths that the text has while it grows, from now on; read them with `lengths()`. */
  async watchGrowth() {
    await this.page.evaluate(() => {
      const voice = document.querySelector('#text-voice');
      window.lengths = [];
      new MutationObserver(() => {
        const { length } = voice.textContent;
        if (length > 0 && window.lengths.at(-1) !== length) window.lengths.push(length);
      }).observe(voice, { childList: true, characterData: true, subtree: true });
    });
  }

  lengths() {
    return this.page.evaluate(() => window.lengths);
  }
}
