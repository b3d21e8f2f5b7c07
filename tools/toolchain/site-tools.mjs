// What makes the documentation a site (tools/site): VitePress, and TypeDoc with the TypeScript that it reads with. They
// take about 150 MB and some seconds.
import { npmTools } from './npm-tools.mjs';

/** The folder whose node_modules has them, brought if it is not in the cache. */
export const siteTools = () => npmTools('site-tools', 'tools/site', 'Getting the tools of the site');
