// A Firefox for the tests that compare browsers: the machine's own, else Debian's in a private root.
import { browserProgram } from './browser-program.mjs';

/** @type {import('./browser-program.mjs').Browser} */
const FIREFOX = {
  variable: 'FIREFOX',
  names: ['firefox-esr', 'firefox'],
  recipe: {
    name: 'firefox',
    purpose: 'Firefox',
    packages: ['firefox-esr', 'fonts-dejavu-core'],
    needsMounts: true,
    instead:
      'Install Firefox, or set FIREFOX to the path of its program; on Debian: apt-get install firefox-esr',
  },
  program: '/usr/bin/firefox-esr',
};

/** The path of a program that starts Firefox and takes its options. */
export const firefoxPath = () => browserProgram(FIREFOX);
