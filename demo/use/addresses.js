// Where a CDN has the packages. The versions are set at a release.

export const SOTTO = 'https://cdn.jsdelivr.net/npm/sotto@0.1.0/dist/index.js';
export const TINY_STORIES = 'https://cdn.jsdelivr.net/npm/sotto-tiny-stories@0.1.0/index.js';
