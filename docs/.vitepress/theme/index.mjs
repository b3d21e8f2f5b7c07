// The site's look: VitePress's own theme in the demo's colours and type, a way to the demo, and the service worker.
import { useData } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import './colours.css';
import './style.css';
import { workOffline } from './offline.mjs';

/** A link to the demo, which is no page of the documentation. */
function DemoLink() {
  const { base } = useData().site.value;
  return h('a', { class: 'demo-link', href: base.replace(/docs\/$/, ''), target: '_self' }, 'Demo');
}

/** The build goes on where a page cannot be rendered, but ends with 1. */
function fail(error) {
  console.error(error);
  process.exitCode = 1;
}

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, {
      'nav-bar-content-before': () => h(DemoLink),
      'nav-screen-content-before': () => h(DemoLink),
    }),
  enhanceApp({ app }) {
    if (import.meta.env.SSR) app.config.errorHandler = fail;
    void workOffline();
  },
};
