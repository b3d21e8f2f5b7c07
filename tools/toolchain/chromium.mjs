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

/** @type {import('./browser-program.mjs').Browser} The headless shell has no extensions. The whole browser has, without a window, too. */
const WITH_EXTENSIONS = {
  variable: 'CHROMIUM_WITH_EXTENSIONS',
  names: ['chromium', 'chromium-browser'],
  recipe: {
    name: 'chromium-whole',
    purpose: 'Chromium with extensions',
    packages: ['chromium', 'fonts-dejavu-core'],
    needsMounts: true,
    instead:
      'Install Chromium, or set CHROMIUM_WITH_EXTENSIONS to the path of its program; on Debian: apt-get install chromium',
  },
  program: '/usr/bin/chromium',
};

/** The path of a program that starts a Chromium with extensions. */
export const chromiumWithExtensionsPath = () => browserProgram(WITH_EXTENSIONS);

/** The path of a program that starts Chromium, for Playwright's `executablePath`. */
export const chromiumPath = () => browserProgram(CHROMIUM);
