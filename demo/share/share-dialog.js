// The dialog with the share link.

import { copyButton, openDialog } from '../parts/dialog.js';
import { make } from '../parts/elements.js';
import { presentLink } from './present-link.js';

const GIVEN = { id: 'share-dialog', title: 'Share' };

/** @param {object} page */
export async function openShareDialog(page) {
  const { link, words } = await presentLink(page);
  const said = make('p', { id: 'share-words' }, words);
  if (link === undefined) return openDialog(GIVEN, said);
  const field = make('input', {
    type: 'text',
    id: 'share-link',
    readonly: true,
    'aria-label': 'The link',
    'aria-describedby': 'share-words',
  });
  field.value = link;
  field.addEventListener('focus', () => field.select());
  const copy = copyButton(
    () => link,
    () => field.select(),
  );
  copy.id = 'share-copy';
  await openDialog(
    GIVEN,
    make('div', { class: 'share-row' }, field, copy),
    said,
    make(
      'p',
      { class: 'hint' },
      'All of it stands in the link itself, behind the #: no server keeps or sees it. The text is the same on every device, as the same throw of the dice makes the same choices.',
    ),
  );
  copy.focus();
}
