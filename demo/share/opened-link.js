// The share link that the page was opened with. Where there is one, the page writes what it says, and nothing of its own.

import { readLink } from './link.js';

/** @type {{ state: object, isWhole: boolean } | null} */
export const openedLink = readLink(location.hash);
