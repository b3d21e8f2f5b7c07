// Copies the prompt and the text.

export class CopyButton {
  #button = document.querySelector('#copy');
  #prompt = document.querySelector('#text-prompt');
  #voice = document.querySelector('#text-voice');

  /** @param {(message: string) => void} announce tells screen readers */
  constructor(announce) {
    this.#button.addEventListener('click', () => this.#copy(announce));
  }

  enable() {
    this.#button.setAttribute('aria-disabled', 'false');
  }

  async #copy(announce) {
    if (this.#button.getAttribute('aria-disabled') === 'true') return;
    try {
      await navigator.clipboard.writeText(`${this.#prompt.textContent}${this.#voice.textContent}`);
      this.#say('Copied');
      announce('The text was copied.');
    } catch {
      // Without permission, or on plain http: mark the text, and the keys do it.
      getSelection().setBaseAndExtent(this.#prompt, 0, this.#voice, this.#voice.childNodes.length);
      this.#say('Marked');
      announce('The text is marked. Copy it with Control or Command and C.');
    }
  }

  #say(word) {
    this.#button.textContent = word;
    setTimeout(() => {
      this.#button.textContent = 'Copy';
    }, 1600);
  }
}
