import { SottoError } from '../../results/errors.js';
import { STANDARD_TEMPLATES } from './standard-templates.js';

/** What stands in every template, and in no name of one. */
const TEMPLATE_TEXT = /\{[{%]/;

/**
 * The text of the template that is meant.
 *
 * @param choice A name, or the text itself; null for the model's own.
 * @param templates The model's, by name.
 * @param hasTools Whether the model may call tools: some models have a template of their own for that.
 * @throws SottoError 'no-chat-template', with the names that there are
 */
export function chooseTemplate(
  choice: string | null,
  templates: ReadonlyMap<string, string>,
  hasTools: boolean,
): string {
  if (choice !== null && TEMPLATE_TEXT.test(choice)) return choice;
  if (choice === null) {
    const own = (hasTools ? templates.get('tool_use') : undefined) ?? templates.get('default');
    if (own !== undefined) return own;
  } else {
    const named = templates.get(choice);
    if (named !== undefined) return named;
    if (Object.hasOwn(STANDARD_TEMPLATES, choice)) return STANDARD_TEMPLATES[choice] as string;
  }
  const names = [...templates.keys(), ...Object.keys(STANDARD_TEMPLATES)].map((name) => `'${name}'`);
  const what =
    choice === null
      ? "the model's files name no template as the default one"
      : `there is no template '${choice.slice(0, 80)}'`;
  throw new SottoError(
    'no-chat-template',
    `${what}: give one of ${names.join(', ')} as chatTemplate, or the text of a Jinja template`,
  );
}
