import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { answerHub } from './hub-server/answer-hub.mjs';
import { answerCdn, answerStatic } from './hub-server/answer-others.mjs';
import { originHeaders, sendPreflight, sendText } from './hub-server/answers.mjs';
import { sha1Of } from './hub-server/content.mjs';
import { Faults } from './hub-server/faults.mjs';
import { Repository } from './hub-server/repository.mjs';
import { routeOf } from './hub-server/route.mjs';
import { sendFault } from './hub-server/send-fault.mjs';

const DEFAULTS = {
  /** (path, size) => whether the file is kept as a large one: resolve leads to the CDN. */
  isLarge: (path, size) => /\.(safetensors|gguf|onnx|bin)$/.test(path) || size >= 1 << 20,
  /** Entries of a page of the tree. */
  pageSize: 1000,
  /** How long a signed address of the CDN holds. */
  signedMs: 3_600_000,
  /** Texts and JSON from this size on are sent compressed to who accepts that; Infinity for never. */
  gzipFrom: 1000,
  /** Whether large files have hashes of the xet kind. */
  xet: true,
  /** Answers small files at resolve, without a redirect, as older mirrors do. */
  directSmall: false,
  /** Serves plain files below the resolve addresses, and nothing else. */
  staticMirror: false,
  /** Requests in 300 seconds; they are told, and kept to where `enforcesLimits`. */
  limits: { resolvers: 3000, api: 500 },
  enforcesLimits: false,
};

/**
 * A hub of models on this machine: its own origin, and one of a CDN.
 *
 *     const hub = await startHub({ repos: { 'owner/name': { files: { 'config.json': '{}' } } } });
 *     hub.faults.add({ kind: 'cut', path: 'model.safetensors', after: 1000, times: 2 });
 *     hub.faults.add({ kind: 'status', status: 429, rateLimitT: 1, on: 'tree' });
 *     await hub.move('owner/name', { 'config.json': '{"new":1}' }); // main is another commit now
 *     ... fetch(`${hub.endpoint}/owner/name/resolve/main/config.json`), hub.log, hub.leaks
 *     await hub.close();
 *
 * Faults are described at Faults.add, with their parameters.
 *
 * @param options.repos By 'owner/name': `{ files, revisions?, gated?, private?, disabled?, token?, tokens? }`.
 * `files` are main's, `revisions` others' by name ('v1', 'refs/pr/1'); a file is bytes, a text or `{ path }` on disk.
 * Gated and private ones are open to their tokens.
 * @param options.tokens That are valid, beside the repositories': any other is refused wherever it is sent.
 * @param options.aliases Ids that are redirected: `{ gpt2: 'owner/name' }`.
 * @param options Beside these: the settings above, which may be changed at run time as `settings`.
 */
export async function startHub({ repos, tokens = [], aliases = {}, ...settings }) {
  for (const name of Object.keys(settings)) {
    if (!(name in DEFAULTS)) throw new Error(`startHub has no option '${name}'.`);
  }
  const hub = new Hub({ ...DEFAULTS, ...settings }, aliases, tokens);
  for (const [id, given] of Object.entries(repos)) await hub.addRepository(id, given);
  await hub.listen();
  return hub;
}

class Hub {
  /** The addresses of the two origins, without a slash at the end. */
  endpoint = '';
  cdn = '';

  /**
   * What was asked for, in order: `{ origin ('hub', 'cdn'), method, path (with the query), headers, kind (the route), id,
   * revision, file, status, bytesSent (of the body, as it was sent), faults (kinds), isFinished }`.
   */
  log = [];

  faults = new Faults();

  /** The time that signatures and rate limits go by. */
  clock = {
    ahead: 0,
    now: () => Date.now() + this.clock.ahead,
    advance: (ms) => {
      this.clock.ahead += ms;
    },
  };

  /** What went wrong inside of the server; close() throws the first. */
  errors = [];

  repositories = new Map();
  signed = new Map();
  windows = new Map();
  #servers = [];

  constructor(settings, aliases, tokens) {
    this.settings = settings;
    this.aliases = aliases;
    this.tokens = new Set(tokens);
  }

  async addRepository(id, given) {
    const repository = new Repository(id, given, this.settings.isLarge);
    for (const token of repository.tokens) this.tokens.add(token);
    await repository.move('main', given.files);
    for (const [revision, files] of Object.entries(given.revisions ?? {})) {
      await repository.move(revision, files);
    }
    this.repositories.set(id, repository);
  }

  async listen() {
    this.endpoint = await this.#serve('hub');
    this.cdn = await this.#serve('cdn');
  }

  async #serve(origin) {
    const server = createServer((request, response) => {
      this.#handle(origin, request, response).catch((error) => {
        this.errors.push(error);
        response.destroy();
      });
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}`;
  }

  async close() {
    await Promise.all(
      this.#servers.map((server) => {
        const closing = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closing;
      }),
    );
    if (this.errors.length > 0) throw this.errors[0];
  }

  /** Lets a revision name other files from now on. @returns The new commit. */
  move(id, files, revision = 'main') {
    return this.repositories.get(id).move(revision, files);
  }

  commitOf(id, revision = 'main') {
    return this.repositories.get(id).commitOf(revision);
  }

  /** The hub's names of a file: `{ size, isLfs, sha256, oid, etag, cdnEtag, pointer, xetHash }`. */
  fileOf(id, path, revision = 'main') {
    return this.repositories.get(id).fileOf(path, revision);
  }

  /** Lets any request go wrong: see Faults.addRandom. */
  randomFaults(seed, probability, options) {
    return this.faults.addRandom(seed, probability, options);
  }

  /** A new address of a file on the CDN. */
  sign(file, route, isDownload) {
    const sig = randomBytes(16).toString('hex');
    const end = this.clock.now() + this.settings.signedMs;
    const pathname = `/xet-bridge-us/${sha1Of(route.id).slice(0, 24)}/${file.xetHash}`;
    this.signed.set(sig, { file, route, pathname, end });
    const disposition = isDownload ? 'response-content-disposition=attachment&' : '';
    return `${this.cdn}${pathname}?${disposition}sig=${sig}&exp=${end}`;
  }

  /** Where a token went that it must not: a line for every request with one at the CDN, in a URL or in a referrer. */
  get leaks() {
    const sent = this.log.map(({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]);
    const tokens = [...new Set([...this.tokens, ...sent])].filter((token) => token !== undefined);
    return this.log.flatMap(({ origin, path, headers }) => {
      const shown = `${path} ${headers.referer ?? ''}`;
      const leaks = [];
      if (origin === 'cdn' && headers.authorization !== undefined) leaks.push(`authorization at ${path}`);
      if (tokens.some((token) => shown.includes(token) || shown.includes(encodeURIComponent(token)))) {
        leaks.push(`a token in the address ${shown}`);
      }
      return leaks;
    });
  }

  async #handle(origin, request, response) {
    const exchange = this.#exchangeOf(origin, request, response);
    const { entry, route } = exchange;
    this.log.push(entry);
    response.on('error', () => {}); // who asked has gone
    for (const [name, value] of Object.entries(this.#headersOf(exchange))) response.setHeader(name, value);
    exchange.faults = this.faults.take(exchange);
    entry.faults = exchange.faults.map(({ kind }) => kind);
    for (const { kind, repo = route.id, files, revision } of exchange.faults) {
      if (kind !== 'move') continue;
      await this.move(repo, files, revision);
      this.#findFile(exchange);
    }
    if (request.method === 'OPTIONS') sendPreflight(exchange);
    else if (!['GET', 'HEAD'].includes(request.method)) sendText(exchange, 405, 'Method Not Allowed');
    else if (!(await sendFault(exchange))) await this.#answer(exchange);
    entry.isFinished = response.writableEnded;
  }

  #answer(exchange) {
    if (exchange.origin === 'cdn') return answerCdn(exchange);
    return this.settings.staticMirror ? answerStatic(exchange) : answerHub(exchange);
  }

  #headersOf(exchange) {
    const isStatic = this.settings.staticMirror && exchange.origin === 'hub';
    return isStatic ? { 'access-control-allow-origin': '*' } : originHeaders(exchange);
  }

  #exchangeOf(origin, request, response) {
    const url = new URL(request.url, 'http://127.0.0.1');
    const entry = {
      origin,
      method: request.method,
      path: request.url,
      headers: request.headers,
      status: null,
      bytesSent: 0,
      isFinished: false,
    };
    const isApi = origin === 'hub' && url.pathname.startsWith('/api/');
    const exchange = { hub: this, origin, request, response, url, entry, isApi, route: null, file: null };
    if (origin === 'cdn') {
      const signed = this.signed.get(url.searchParams.get('sig'));
      const { id = null, revision = null, path = null } = signed?.route ?? {};
      exchange.route = { kind: 'cdn', id, revision, path };
      exchange.file = signed?.file ?? null;
    } else {
      exchange.route = routeOf(url.pathname);
      this.#findFile(exchange);
    }
    const { kind, id, revision, path } = exchange.route;
    Object.assign(entry, { kind, id, revision, file: path });
    return exchange;
  }

  /** Sets the file that a request to the hub is about, and the kind of its answer where that decides. */
  #findFile(exchange) {
    const { route } = exchange;
    const { staticMirror, directSmall } = this.settings;
    route.verb ??= route.kind;
    const verbs = staticMirror ? ['resolve'] : ['resolve', 'resolve-cache', 'raw'];
    exchange.file = verbs.includes(route.verb)
      ? (this.repositories.get(route.id)?.fileOf(route.path, route.revision) ?? null)
      : null;
    if (staticMirror) route.kind = 'static';
    else if (directSmall && route.verb === 'resolve' && exchange.file?.isLfs === false) route.kind = 'direct';
  }
}
