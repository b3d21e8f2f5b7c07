/** The addresses of the model's files by their names, as `LanguageModel.load` takes them. */
declare const files: Readonly<Record<string, URL>>;
export default files;
