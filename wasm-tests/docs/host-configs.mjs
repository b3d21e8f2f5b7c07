// What hosts make of the files that say with which headers they send what, as far as documents use them.

/** Whether a path is meant by a pattern in which a sign stands for anything. */
const isMeant = (pattern, any, path) => {
  const escaped = pattern
    .split(any)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${escaped}$`).test(path);
};

/** The headers of all rules that mean a path. */
const collect = (rules, any) => (path) =>
  Object.assign(
    {},
    ...rules.filter(({ pattern }) => isMeant(pattern, any, path)).map(({ headers }) => headers),
  );

/** `_headers` of Netlify and Cloudflare: a pattern, and below it lines that are indented. */
export function headersFile(text) {
  const rules = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '' && !each.startsWith('#'))) {
    if (/^\S/.test(line)) {
      rules.push({ pattern: line.trim(), headers: {} });
      continue;
    }
    const [, name, value] = /^\s+([\w-]+): (.+)$/.exec(line) ?? [];
    if (name === undefined || rules.length === 0) throw new Error(`_headers: ${line}`);
    rules.at(-1).headers[name] = value;
  }
  return collect(rules, '*');
}

/** `[[headers]]` of netlify.toml. */
export function netlifyToml(text) {
  const rules = [];
  let table;
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, key, value] = /^([\w-]+) = "([^"]*)"$/.exec(line) ?? [];
    if (line === '' || line.startsWith('#')) continue;
    if (line === '[[headers]]') {
      table = { pattern: '', headers: {} };
      rules.push(table);
    } else if (line === '[headers.values]' && rules.length > 0) table = rules.at(-1).headers;
    else if (key === 'for' && table === rules.at(-1)) table.pattern = value;
    else if (key !== undefined && table === rules.at(-1)?.headers) table[key] = value;
    else throw new Error(`netlify.toml: ${line}`);
  }
  return collect(rules, '*');
}

const listed = (headers) => Object.fromEntries(headers.map(({ key, value }) => [key, value]));

/** `headers` of vercel.json: a source is a path in which a group stands for anything. */
export const vercelJson = (text) =>
  collect(
    JSON.parse(text).headers.map(({ source, headers }) => ({ pattern: source, headers: listed(headers) })),
    '(.*)',
  );

/** `hosting.headers` of firebase.json: a source is a glob. */
export const firebaseJson = (text) =>
  collect(
    JSON.parse(text).hosting.headers.map(({ source, headers }) => ({
      pattern: source,
      headers: listed(headers),
    })),
    '**',
  );

/** The directives of an nginx configuration: `{ words, block? }`, in order. */
export function parseNginx(text) {
  const tokens = text.replaceAll(/#.*$/gm, '').match(/"[^"]*"|[{};]|[^\s{};"]+/g);
  let at = 0;
  const readBlock = (isInner) => {
    const directives = [];
    for (let words = []; at < tokens.length; ) {
      const token = tokens[at++];
      if (token === '}') {
        if (!isInner || words.length > 0) throw new Error('nginx: a } too many, or a ; that lacks');
        return directives;
      }
      if (token !== '{' && token !== ';') words.push(token.replaceAll('"', ''));
      else if (words.length === 0) throw new Error(`nginx: nothing before ${token}`);
      else {
        directives.push(token === '{' ? { words, block: readBlock(true) } : { words });
        words = [];
      }
      if (at === tokens.length && words.length > 0) throw new Error(`nginx: ${words.join(' ')} has no end`);
    }
    if (isInner) throw new Error('nginx: a } is lacking');
    return directives;
  };
  return readBlock(false);
}

/** `add_header` in the locations of an nginx server, which are prefixes. */
export function nginx(text) {
  const [server, ...others] = parseNginx(text);
  if (server.words[0] !== 'server' || others.length > 0) throw new Error('nginx: one server is expected');
  const locations = server.block
    .filter(({ words }) => words[0] === 'location')
    .sort((a, b) => b.words[1].length - a.words[1].length);
  return (path) => {
    const location = locations.find(({ words }) => path.startsWith(words[1]));
    const added = location?.block.filter(({ words }) => words[0] === 'add_header') ?? [];
    return Object.fromEntries(added.map(({ words: [, name, value] }) => [name, value]));
  };
}
