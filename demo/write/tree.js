// The branches of a text as a tree: lines, and a button for each text, by the word that it began with.

const SVG = 'http://www.w3.org/2000/svg';
const INDENT = 14;

export class Tree {
  #place = document.querySelector('#tree');
  #list = document.querySelector('#tree-list');
  #lines = document.querySelector('#tree-lines');
  #note = document.querySelector('#tree-note');
  #onSelect;
  #rows = [];

  /** @param {(branch: import('./story.js').Branch) => void} onSelect */
  constructor(onSelect) {
    this.#onSelect = onSelect;
    this.#list.addEventListener('keydown', (event) => {
      const at = this.#rows.findIndex(({ button }) => button === document.activeElement);
      const last = this.#rows.length - 1;
      const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      this.#rows[Math.min(last, Math.max(0, next))].button.focus();
    });
    new ResizeObserver(() => this.#draw()).observe(this.#list);
  }

  /**
   * @param {import('./story.js').Story | null} story
   * @param {(branch: import('./story.js').Branch, index: number) => string} wordOf
   */
  show(story, wordOf) {
    const focused = this.#rows.find(({ button }) => button === document.activeElement)?.branch;
    const branches = story?.branches ?? [];
    this.#rows = (branches.length > 1 ? inOrder(branches) : []).map(({ branch, depth }) =>
      this.#makeRow(branch, { depth, wordOf, isSelected: branch === story.selected }),
    );
    this.#list.replaceChildren(...this.#rows.map(({ item }) => item));
    this.#place.classList.toggle('is-empty', this.#rows.length === 0);
    this.#rows.find(({ branch }) => branch === focused)?.button.focus();
    this.#draw();
  }

  /** @param {string} words what became of the branches; '' nothing */
  say(words) {
    this.#note.textContent = words;
  }

  #makeRow(branch, { depth, wordOf, isSelected }) {
    const item = document.createElement('li');
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'branch' });
    if (isSelected) button.setAttribute('aria-current', 'true');
    item.style.setProperty('--depth', depth);
    if (branch.parent === null) button.textContent = 'the first text';
    else {
      const before = Object.assign(document.createElement('span'), { className: 'branch-before' });
      before.textContent = ` instead of ${wordOf(branch.parent, branch.from)}`;
      button.append(wordOf(branch, branch.from), before);
    }
    button.addEventListener('click', () => this.#onSelect(branch));
    item.append(button);
    return { branch, depth, item, button };
  }

  #draw() {
    const middleOf = ({ item }) => item.offsetTop + item.offsetHeight / 2;
    const paths = this.#rows
      .filter(({ branch }) => branch.parent !== null)
      .map((row) => {
        const parent = this.#rows.find(({ branch }) => branch === row.branch.parent);
        const x = INDENT * (parent.depth + 0.5);
        const [from, to] = [parent.item.offsetTop + parent.item.offsetHeight - 2, middleOf(row)];
        const path = document.createElementNS(SVG, 'path');
        path.setAttribute('d', `M${x} ${from}V${to - 7}Q${x} ${to} ${x + 7} ${to}H${INDENT * row.depth}`);
        return path;
      });
    this.#lines.replaceChildren(...paths);
  }
}

/** Each branch before those that branch off it, the earliest first. */
function inOrder(branches) {
  const visit = (parent, depth) =>
    branches
      .filter((branch) => branch.parent === parent)
      .sort((a, b) => a.from - b.from)
      .flatMap((branch) => [{ branch, depth }, ...visit(branch, depth + 1)]);
  return visit(null, 0);
}
