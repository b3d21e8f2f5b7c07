// Whether a form takes a text, byte by byte, whatever the tokens.
import { checkGrammar } from '../../build/web/forms/check-grammar.js';
import { makeNetwork } from '../../build/web/forms/engine/network.js';
import { States } from '../../build/web/forms/engine/states.js';
import { compileSchema } from '../../build/web/forms/schema/compile-schema.js';

/** @returns Whether a text is a whole one of a grammar. */
export function makeMembership(grammar, hasNames = false) {
  const states = new States(makeNetwork(checkGrammar(grammar, 'grammar', hasNames).grammar));
  return (text) => {
    states.renewBudget();
    let state = states.begin;
    for (const byte of new TextEncoder().encode(text)) {
      state = states.after(state, byte);
      if (state === null) return false;
    }
    return state.isComplete;
  };
}

/** Whether a value, written as forms write it, is of a schema's form. */
export function schemaMembership(schema, isStrict = true) {
  const rules = new Map();
  const root = compileSchema(schema, 'schema', isStrict, rules);
  const isMember = makeMembership({ root: 'root', rules: rules.set('root', root) });
  return (value) => isMember(writeValue(value));
}

export function writeValue(value) {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${writeValue(member)}`,
  );
  return `{${members.join(', ')}}`;
}
