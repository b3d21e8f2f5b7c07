// A Chromium for the browser tests: the machine's own, else a headless one in a private Debian root.
import { browserProgram } from './browser-program.mjs';

/** @type {import('./browser-program.mjs').Browser} */
const CHROMIUM = {
  variable: 'CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chromium-headless-shell'],
  recipe: {
    name: 'chromium',
    purpose: 'Chromium',
    packages: ['chromium-headless-shell', 'fonts-dejavu-core'],
    needsMounts: true,
    instead:
      'Install Chromium or Chrome, or set CHROMIUM to the path of its program; on Debian: apt-get install chromium',
  },
  program: '/usr/bin/chromium-headless-shell',
};

/** The path of a program that starts Chromium, for Playwright's `executablePath`. */
export const chromiumPath = () => browserProgram(CHROMIUM);
