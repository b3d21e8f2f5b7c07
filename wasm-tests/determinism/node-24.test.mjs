import { startNode } from './hosts.mjs';
import { testHost } from './suite.mjs';
import { EVERY_CUT } from './table.mjs';

testHost({ name: 'Node 24', start: () => startNode(24), hasRelaxed: true, cuts: EVERY_CUT });
