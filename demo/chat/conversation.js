// A conversation as a tree: a message that was edited or answered anew has several versions, one of them chosen.

/** The messages of a chat, all versions of them. Each node: { message, note, parent, children, chosen }. */
export class Conversation {
  #root = node(null, null);

  /** The nodes of the chosen versions, from the first message on. */
  get path() {
    const found = [];
    for (let at = this.#root; at.children.length > 0; found.push(at)) at = at.children[at.chosen];
    return found;
  }

  /** The node of the last chosen message; where there is none, what a first message is added to. */
  get last() {
    return this.path.at(-1) ?? this.#root;
  }

  /** Adds a message behind a node, beside other versions that stand there, and chooses it. */
  add(parent, message) {
    const added = node(message, parent);
    parent.chosen = parent.children.push(added) - 1;
    return added;
  }

  /** Takes a message out, with what follows it; the version before it is chosen. */
  remove(gone) {
    const { children } = gone.parent;
    const at = children.indexOf(gone);
    children.splice(at, 1);
    gone.parent.chosen = Math.max(0, at - 1);
  }

  /** Which version a node is, from 1, and how many there are. */
  versions(one) {
    const { children } = one.parent;
    return { at: children.indexOf(one) + 1, count: children.length };
  }

  /** Chooses the version that stands `step` further, if there is one. */
  turn({ parent }, step) {
    parent.chosen = Math.max(0, Math.min(parent.children.length - 1, parent.chosen + step));
  }

  /** The messages up to a node and with it, for a model. */
  messagesTo(last) {
    const messages = [];
    for (let at = last; at.parent !== null; at = at.parent) messages.unshift(at.message);
    return messages;
  }
}

const node = (message, parent) => ({ message, note: '', parent, children: [], chosen: 0 });
