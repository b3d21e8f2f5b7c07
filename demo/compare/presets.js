// Settings with a name, to begin from: how daring, among how many, and what is left out.

export const presets = [
  { name: 'certain', words: 'Certain', temperature: 0, topK: 40, topP: 0.9 },
  { name: 'careful', words: 'Careful', temperature: 0.4, topK: 10, topP: 0.8 },
  { name: 'lively', words: 'Lively', temperature: 0.8, topK: 40, topP: 0.9 },
  { name: 'daring', words: 'Daring', temperature: 1.4, topK: 0, topP: 1 },
];

export const presetOf = (name) => presets.find((preset) => preset.name === name);
