// What the package's declarations export, as TypeScript itself says: for tests of what is written about it.
import { createRequire } from 'node:module';
import { root, textOf } from '../project/repository.mjs';

// TypeScript 7 cannot be asked; the oldest one that reads our types can.
const ts = createRequire(import.meta.url)('typescript-oldest');

/** The declarations of each entry of package.json that is a script, by the name that is imported. */
const files = Object.fromEntries(
  Object.entries(JSON.parse(textOf('package.json')).exports)
    .filter(([, { default: script }]) => script?.endsWith('.js'))
    .map(([name, { types }]) => [`sotto${name.slice(1)}`, `${root}${types.slice(2)}`]),
);

const program = ts.createProgram(Object.values(files), {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
  types: [],
});
const checker = program.getTypeChecker();

function exportsOf(file) {
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(file));
  return symbol === undefined ? [] : checker.getExportsOfModule(symbol); // a script that exports nothing is no module
}

/** @returns {Record<string, string[]>} the names that each entry exports, types included */
export const exportedNames = () =>
  Object.fromEntries(
    Object.entries(files).map(([entry, file]) => [entry, exportsOf(file).map(({ name }) => name)]),
  );

/** The properties of a type that an entry exports. */
export function propertiesOf(entry, name) {
  const symbol = exportsOf(files[entry]).find((each) => each.name === name);
  const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(declared))
    .map((property) => property.name);
}
