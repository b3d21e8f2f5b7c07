// The dialog with the code of what the page does now.

import { HUB } from '../loading/hub-address.js';
import { copyButton, openDialog } from '../parts/dialog.js';
import { make } from '../parts/elements.js';
import { installLine, moduleCode, pageCode } from './code.js';

const QUESTION = 'Why is the sky blue?';

/** @param {object} page */
export async function openCodeDialog(page) {
  const given = { id: 'code-dialog', title: 'Use it in your page' };
  if (page.current() === null)
    return openDialog(given, make('p', {}, 'The model is still on its way: then its code stands here.'));
  const doing = await whatIsDone(page);
  await openDialog(
    given,
    make(
      'p',
      {},
      'This code writes what stands here now: the same model, beginning and settings. The seed is the throw of the dice: the same one gives the same text.',
    ),
    ...block('code-install', 'In a project: install', installLine(doing)),
    ...block('code-module', 'Then write', moduleCode(doing)),
    ...block('code-page', 'Or a whole page, with nothing installed', pageCode(doing)),
    make(
      'p',
      { class: 'hint' },
      'Everything runs on the device of whoever opens the page. No key and no server is needed.',
    ),
  );
}

function block(id, title, code) {
  const shown = make('pre', { class: 'code', id, tabindex: '0', role: 'region', 'aria-label': title }, code);
  const mark = () => getSelection().selectAllChildren(shown);
  const copy = copyButton(() => code, mark, `Copy: ${title}`);
  return [make('div', { class: 'paper-head' }, make('h3', {}, title), copy), shown];
}

async function whatIsDone({ controls, modes, current }) {
  const choice = { ...current().choice };
  const { endpoint, ...options } = choice.options ?? {};
  choice.options = endpoint === undefined || endpoint === HUB ? options : { endpoint, ...options };
  const doing = { choice, mode: modes.name, options: controls.options };
  if (modes.name === 'chat') return { ...doing, messages: messagesNow() };
  const { prompt, settings, maxNewTokens, seed } = (await modes.current()).asked;
  if (modes.name === 'compare') {
    return { ...doing, prompt, settings: settings.map((side) => ({ ...side, maxNewTokens, seed })) };
  }
  return { ...doing, prompt, settings };
}

/** What would be asked next: what is typed, else what was asked last. */
function messagesNow() {
  const typed = document.querySelector('#message').value.trim();
  const asked = [...document.querySelectorAll('.turn.is-user .said')].at(-1)?.textContent;
  const user = { role: 'user', content: typed || asked || QUESTION };
  const system = document.querySelector('#system-prompt').value.trim();
  return system === '' ? [user] : [{ role: 'system', content: system }, user];
}
