import { startNode } from './hosts.mjs';
import { testHost } from './suite.mjs';

testHost({ name: 'Node 20', start: () => startNode(20), hasRelaxed: true });
