/** What a message may show of an address: without user, password and fragment, and without what follows a `?`. */
export function shownAddress(address: string | URL): string {
  const text = String(address);
  if (/^data:/i.test(text)) return `${text.slice(0, 40)}…`;
  const url = parsed(text);
  if (url === null || (url.host === '' && url.protocol !== 'file:')) {
    // Of what has no host that could be told apart, anything before an @ may be a password.
    return text.replace(/^([a-z][a-z\d+.-]*:)?([\\/]*).*@/is, '$1$2').replace(/[?#].*$/s, '?…');
  }
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** The text of somebody else about an absolute URL, without the parts of it that {@link shownAddress} leaves out. */
export function withoutSecrets(text: string, address: string | URL): string {
  const url = parsed(address);
  if (url === null) return text;
  const values = url.search.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  const secrets = [url.username, url.password, url.search, ...values];
  return secrets
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => secret.length > 3) // shorter ones are words of any text
    .reduce((shown, secret) => shown.replaceAll(secret, '…'), text.replaceAll(url.href, shownAddress(url)));
}

function parsed(address: string | URL): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
