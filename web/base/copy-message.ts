/**
 * A copy of a message, so that neither side can change what the other has: of its objects, lists and views of bytes. What is moved
 * is handed over as it is, and so is what has no parts of that kind: a Blob, a port, a compiled module.
 *
 * @throws TypeError where it holds a function or a symbol, which no message can
 */
export function copyMessage(message: unknown, moved: readonly unknown[] = []): unknown {
  const copies = new Map<unknown, unknown>();
  return copy(message);

  function copy(value: unknown): unknown {
    if (typeof value === 'function' || typeof value === 'symbol')
      throw new TypeError(`a ${typeof value} cannot be sent`);
    if (typeof value !== 'object' || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    if (ArrayBuffer.isView(value)) return moved.includes(value.buffer) ? value : keep(value, copyView(value));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Array.isArray(value)) return fill(value, keep(value, new Array(value.length)));
    if (prototype === Object.prototype || prototype === null) return fill(value, keep(value, {}));
    return value;
  }

  function keep<Copy>(value: object, made: Copy): Copy {
    copies.set(value, made);
    return made;
  }

  function fill(from: object, to: object): object {
    for (const [name, value] of Object.entries(from))
      Object.defineProperty(to, name, {
        value: copy(value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return to;
  }
}

function copyView(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  const bytes = new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer;
  const View = view.constructor as new (bytes: ArrayBuffer) => ArrayBufferView;
  return new View(bytes);
}
