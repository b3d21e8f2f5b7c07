// Which hub models are asked of by their names.

export const HUB = 'https://huggingface.co';

/** The hub that names belong to; `?hub=` in the page's address sets another, such as a mirror. */
export const endpoint = new URLSearchParams(location.search).get('hub')?.replace(/\/+$/, '') || HUB;

/** Its name for people. */
export const hubName = endpoint.replace(/^https?:\/\//, '');
