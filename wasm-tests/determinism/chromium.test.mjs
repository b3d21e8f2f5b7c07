import { startChromium } from './hosts.mjs';
import { testHost } from './suite.mjs';

testHost({ name: 'Chromium', start: startChromium, hasRelaxed: true });
