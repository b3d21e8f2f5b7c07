/** What a message may show of an address: without user, password and fragment, and without what follows a `?`. */
export function shownAddress(address: string | URL): string {
  const text = String(address);
  try {
    const url = new URL(text);
    const query = url.search === '' ? '' : '?…';
    const origin = url.host === '' ? url.protocol : `${url.protocol}//${url.host}`;
    return `${url.protocol === 'file:' ? 'file://' : origin}${url.pathname}${query}`;
  } catch {
    // No address that can be taken apart, so that anything before an @ may be a password.
    return text.replace(/^([a-z][a-z\d+.-]*:)?([\\/]*)[\s\S]*@/i, '$1$2').replace(/[?#][\s\S]*$/, '?…');
  }
}

/** The text of somebody else about an address, without the parts of it that {@link shownAddress} leaves out. */
export function withoutSecrets(text: string, address: string | URL): string {
  const url = new URL(address);
  const secrets = [url.username, url.password, url.search, ...url.searchParams.values()].flatMap((secret) => [
    secret,
    decoded(secret),
  ]);
  return secrets
    .filter((secret) => secret.length > 3) // shorter ones are words of any text
    .reduce((shown, secret) => shown.replaceAll(secret, '…'), text.replaceAll(url.href, shownAddress(url)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
