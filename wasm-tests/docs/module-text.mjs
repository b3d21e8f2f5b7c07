// What documents' code is put together of: import statements, and what stands below them.

const IMPORT = /^[ \t]*import [^;(]*? from '[^']+';(?:[ \t]*\/\/.*)?\n?/gm;
const NAMED = /import (type )?\{([^}]*)\} from '([^']+)'/;

/** The import statements of a code, and the code without them. */
export const splitImports = (code) => ({
  imports: code.match(IMPORT) ?? [],
  body: code.replace(IMPORT, ''),
});

/** Import statements without any name twice. */
export function mergeImports(statements) {
  const others = new Set();
  const names = new Map(); // by module
  for (const statement of statements.map((each) => each.trim())) {
    const [, type = '', list, module] = NAMED.exec(statement) ?? [];
    if (list === undefined) others.add(statement);
    else {
      if (!names.has(module)) names.set(module, new Map());
      for (const name of list.split(',').map((each) => each.trim())) {
        if (name === '') continue;
        const bare = name.replace(/^type /, '');
        const isType = (type !== '' || bare !== name) && names.get(module).get(bare) !== false;
        names.get(module).set(bare, isType);
      }
    }
  }
  for (const [module, given] of names) {
    const list = [...given].map(([name, isType]) => (isType ? `type ${name}` : name));
    others.add(`import { ${list.join(', ')} } from '${module}';`);
  }
  return [...others].join('\n');
}
