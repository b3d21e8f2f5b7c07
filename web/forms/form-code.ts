// What is fetched with the first form, or the first tool.
export { Forms } from './forms.js';
export { answerForm } from './tool-calls/tool-form.js';
