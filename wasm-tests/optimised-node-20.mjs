// Imported first by tests of kernels in the form kQuads: the baseline compiler of Node 20 loses what that instruction adds
// to (docs/decisions/0009-two-dot-forms.md), its optimising compiler does not.
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--no-liftoff');
