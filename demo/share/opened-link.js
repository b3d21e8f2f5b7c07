// The share link that the page was opened with. Where there is one, the page writes what it says, and nothing of its own.

/** @type {{ state: object, isWhole: boolean } | null} */
export const openedLink = location.hash === '' ? null : (await import('./link.js')).readLink(location.hash);
