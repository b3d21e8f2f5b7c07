import { startNode } from './hosts.mjs';
import { testHost } from './suite.mjs';

// Its baseline compiler loses what the form quads adds to.
testHost({ name: 'Node 20', start: () => startNode(20), hasRelaxed: true, dotForms: ['pairs'] });
