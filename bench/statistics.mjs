// Pages see bench/page only, so it stands there.
export { median } from './page/pairs.js';
