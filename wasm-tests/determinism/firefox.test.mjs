import { startFirefox } from './hosts.mjs';
import { testHost } from './suite.mjs';

testHost({ name: 'Firefox', start: startFirefox, hasRelaxed: false });
