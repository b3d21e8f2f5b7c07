/** Text that waits to be shown. Each character is copied a bounded number of times, however much waits. */
export class HeldText {
  #front = ''; // text is taken from here, from #begin on
  #begin = 0;
  #back = ''; // and added here; it becomes the front when that is used up

  /** All of it. */
  get text(): string {
    return this.#front.slice(this.#begin) + this.#back;
  }

  push(text: string): void {
    this.#back += text;
  }

  /** Removes the first `length` UTF-16 units, and returns them; there must be so many. */
  take(length: number): string {
    const rest = this.#front.length - this.#begin;
    if (length <= rest) {
      const text = this.#front.slice(this.#begin, this.#begin + length);
      this.#begin += length;
      return text;
    }
    const text = this.#front.slice(this.#begin) + this.#back.slice(0, length - rest);
    this.#front = this.#back;
    this.#begin = length - rest;
    this.#back = '';
    return text;
  }

  /** Removes and returns everything. */
  takeAll(): string {
    const { text } = this;
    this.#front = '';
    this.#begin = 0;
    this.#back = '';
    return text;
  }
}
