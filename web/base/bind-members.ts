/**
 * Binds an object's methods and getters to it. Reactive stores (valtio, any Proxy) hand out a stand-in, which would be `this`
 * in them and has no private fields; Vue and Pinia leave objects with a `Symbol.toStringTag` of their own alone.
 */
export function bindMembers(object: object): void {
  const members = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object) as object);
  for (const name of Reflect.ownKeys(members) as (keyof typeof members)[]) {
    const { value, get, enumerable } = members[name] as PropertyDescriptor;
    if (name === 'constructor') continue;
    const shared = { configurable: true, enumerable: enumerable ?? false };
    if (typeof value === 'function') {
      Object.defineProperty(object, name, { ...shared, writable: true, value: value.bind(object) });
    } else if (get !== undefined) {
      Object.defineProperty(object, name, { ...shared, get: get.bind(object) });
    }
  }
}
