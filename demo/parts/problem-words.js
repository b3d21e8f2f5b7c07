// What is wrong, by the code of an error, and what to do about it on this page.

export const TITLES = {
  'bad-name': 'That is no name of a model',
  offline: 'There is no connection',
  'no-model': 'There is no such model',
  'only-members': 'This model is only for some',
  'not-a-model': 'That holds no model that runs here',
  'not-kept': 'The model is there, but it is not kept',
  'keeps-nothing': 'The model is there, but it is not kept',
  'file-not-found': 'A file is missing',
  'none-of-model': 'These are no files of a model',
  'a-page': 'That is a page, and no model',
  'a-pointer': 'That only stands for the model',
  'other-form': 'The model is in another form',
  compressed: 'The file has to be unpacked first',
  'cut-short': 'A file is not whole',
  'not-its-name': 'That is something else than a model',
  'several-models': 'Those are several models',
  'old-browser': 'This browser is too old',
  'no-worker': 'The engine could not start',
  'back-online': 'The connection is back',
  'no-answer': 'Nobody answers there',
  'no-file': 'There is no such file',
  'taken-down': 'This model was taken down',
  busy: 'The hub is busy',
  'in-use': 'It is being loaded in another tab',
  network: 'The connection failed',
  'bad-file': 'A file is damaged',
  'missing-tensor': 'The weights are incomplete',
  'bad-tensor': 'The weights do not fit the model',
  'unsupported-model': 'This kind of model does not run here',
  'bad-config': 'The model’s sizes make no sense',
  'unsupported-tokenizer': 'This tokenizer does not run here',
  'no-tokenizer': 'The model has no tokenizer',
  'empty-prompt': 'There is nothing to begin with',
  'prompt-too-long': 'The beginning is too long',
  'no-chat-template': 'The model has no chat template',
  'bad-template': 'The chat template does not take this',
  'bad-token': 'A token id is wrong',
  'bad-option': 'A setting is out of range',
  store: 'What is kept of models cannot be used',
  'access-denied': 'The hub does not give this model out',
  'store-full': 'There is no room to keep the model',
  'out-of-memory': 'There is not enough memory',
  'unsupported-environment': 'This browser lacks something',
  'engine-crashed': 'The engine stopped',
};

export const ADVICE = {
  'file-not-found':
    'Choose all files of the model at once: a .gguf (or all its parts), or config.json, model.safetensors (or its parts and their index) and tokenizer.json.',
  network: 'Check the connection, and try again: what came is kept, and loading goes on from there.',
  offline: 'What came is kept. Models that are here as a whole load all the same.',
  'none-of-model': 'Open a .gguf file, or a folder with config.json, tokenizer.json and .safetensors files.',
  'a-page':
    'It was saved in place of the file: press the download button beside the file’s name, and take what comes then. An address must lead to the file itself.',
  'a-pointer': 'The model itself is large: download the file from its page, where the whole of it comes.',
  'other-form':
    'Such files can hold programs, so they are not opened here. Look for the same model as .gguf or .safetensors: most are to be had so.',
  compressed: 'Unpack it on your device, and open what is in it.',
  'cut-short': 'Its download was cut. Download it again, and open it when all of it is there.',
  'not-its-name':
    'Look at where it came from, and download it again. A model’s file ends with .gguf or .safetensors, and is large.',
  'several-models': 'Open one of them; of a model in parts, all its parts.',
  'unsupported-model':
    'Models that write text run here: Llama, Qwen, Gemma, SmolLM, Mistral, Phi, GPT-2 and their like.',
  'old-browser': 'Chrome and Edge from version 91, Firefox from 89 and Safari from 16.4 run it.',
  'no-worker':
    'Reload the page. If it stays so, something forbids it, such as an extension or a setting: try another window or browser.',
  'back-online': 'What came before is kept, and loading goes on behind it.',
  'no-file': 'Look at the address once more, letter by letter.',
  'taken-down': 'Another copy of it may be there under another name.',
  'no-answer':
    'Look at the address once more. Some servers give their files to no other page: then download the file, and open it here.',
  busy: 'Try again in a few minutes: what came is kept.',
  'in-use': 'Stop it there first, or wait until it is done.',
  'no-model':
    'Look at the name once more, letter by letter: it has two parts, and large and small letters differ. Private models cannot be loaded on this page.',
  'only-members':
    'Its makers ask for an account and a consent, which this page cannot give. Another copy of it, such as a .gguf of the same model, may be open to all; or load its files on your own and open them here.',
  'not-a-model':
    'Look for one with a .gguf file, or with config.json, *.safetensors and tokenizer.json, and give its name.',
  'not-kept':
    'It works until this page is closed, and has to be downloaded again then. Delete models that you no longer need, and load it once more.',
  'keeps-nothing':
    'It works until this page is closed, and has to be downloaded again then. A window that is not private keeps it.',
  'empty-prompt': 'Write a word or two, or take a suggestion.',
  'out-of-memory': 'Close other tabs, or choose a smaller model.',
  'unsupported-environment': 'Chrome and Edge from version 91, Firefox from 89 and Safari from 16.4 run it.',
  'engine-crashed': 'The model is being loaded again; then you can go on.',
};
