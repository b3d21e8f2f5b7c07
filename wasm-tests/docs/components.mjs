// Plugins for rolldown that compile components as the frameworks' own do.
import { transformSync } from 'rolldown/utils';
import { compile, compileModule } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';

/** Vue's single-file components. */
export const vuePlugin = {
  name: 'vue',
  transform: {
    filter: { id: /\.vue$/ },
    handler(source, id) {
      const { descriptor, errors } = parse(source, { filename: id });
      if (errors.length > 0) throw errors[0];
      const { content } = compileScript(descriptor, { id: 'docs', inlineTemplate: true });
      return { code: content, moduleType: 'ts' };
    },
  },
};

const withoutTypes = (id, source) => {
  const { code, errors } = transformSync(id, source, { lang: 'ts' });
  if (errors.length > 0) throw new Error(errors[0].message);
  return code;
};

/** Svelte's components, and modules with runes, for the page ('client') or a server. */
export const sveltePlugin = (generate) => ({
  name: 'svelte',
  transform: {
    filter: { id: /\.svelte(\.ts)?$/ },
    handler(source, id) {
      const { js, warnings } = id.endsWith('.ts')
        ? compileModule(withoutTypes(id, source), { filename: id, dev: false, generate })
        : compile(source, { filename: id, dev: false, generate });
      if (warnings.length > 0) throw new Error(warnings[0].message);
      return { code: js.code, moduleType: 'js' };
    },
  },
});
