// For browsers that cannot run the page, and for pages of which a part did not come: words in place of silence. Written
// for browsers of any age, and outside of the modules, which are what may be missing.

(function () {
  window.addEventListener('load', function () {
    // The page's own scripts have run by now, and the first thing that they do is to begin loading a model.
    if (document.documentElement.getAttribute('data-started') === 'yes') return;
    var isOld = !('noModule' in document.createElement('script'));
    document.getElementById('model-facts').textContent = 'The page could not start.';
    document.getElementById('problem').textContent = isOld
      ? 'This browser is too old to run a model. Chrome and Edge from version 91, Firefox from 89 and Safari from 16.4 run it.'
      : 'The page could not start: a part of it did not come, or this browser is too old for it. Reload the page. If that does ' +
        'not help: Chrome and Edge from version 91, Firefox from 89 and Safari from 16.4 run it.';
  });
})();
