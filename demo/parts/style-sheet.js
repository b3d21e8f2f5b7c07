// Style sheets of the parts that come when they are first used.

const coming = new Map();

/** @param {URL} url @returns {Promise<void>} resolves when the rules hold */
export function bringStyle(url) {
  if (!coming.has(url.href)) coming.set(url.href, bring(url.href));
  return coming.get(url.href);
}

function bring(href) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      coming.delete(href);
      link.remove();
      reject(new Error(`${href} did not come`));
    });
    document.head.append(link);
  });
}
