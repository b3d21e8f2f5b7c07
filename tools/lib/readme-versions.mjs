// The addresses at a CDN in documents, which name the packages' versions.

const ADDRESS = /(\/npm\/([\w-]+)@)[^/\s]+(?=\/)/g;

/**
 * A text whose addresses name these versions.
 *
 * @param {string} text
 * @param {Record<string, string>} versions by the package's name; others' addresses stay as they are
 */
export const withVersions = (text, versions) =>
  text.replaceAll(ADDRESS, (all, start, name) => (name in versions ? start + versions[name] : all));
