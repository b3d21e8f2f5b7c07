// sotto as a page gets it, with a count of the models that come and go.
import { LanguageModel } from '/sotto/dist/index.js';

export * from '/sotto/dist/index.js';

const counts = { begun: 0, loaded: 0, disposed: 0 };
globalThis.counts = counts;

const load = LanguageModel.load;
LanguageModel.load = async (...given) => {
  counts.begun++;
  const model = await load.apply(LanguageModel, given);
  counts.loaded++;
  const dispose = model.dispose.bind(model);
  let isDisposed = false;
  const once = () => {
    if (!isDisposed) counts.disposed++;
    isDisposed = true;
    return dispose();
  };
  return new Proxy(model, {
    get: (target, name) => {
      if (name === 'dispose') return once;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};
