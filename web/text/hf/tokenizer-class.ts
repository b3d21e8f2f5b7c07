/** The kinds of tokenizers that transformers builds anew out of a vocabulary, whatever else tokenizer.json says. */
export type BuiltClass =
  | 'GPT2Tokenizer'
  | 'CodeGenTokenizer'
  | 'GPTNeoXTokenizer'
  | 'CohereTokenizer'
  | 'Qwen2Tokenizer'
  | 'Qwen3_5Tokenizer'
  | 'LlamaTokenizer'
  | 'GemmaTokenizer';

const BUILT: ReadonlySet<string> = new Set<BuiltClass>([
  'GPT2Tokenizer',
  'CodeGenTokenizer',
  'GPTNeoXTokenizer',
  'CohereTokenizer',
  'Qwen2Tokenizer',
  'Qwen3_5Tokenizer',
  'LlamaTokenizer',
  'GemmaTokenizer',
]);

/** The class that belongs to a model's type, of decoders; 'as-it-is' for those whose tokenizer.json is always taken as it is. */
const OF_MODEL: ReadonlyMap<string, BuiltClass | 'as-it-is'> = new Map([
  ...each('GPT2Tokenizer', 'gpt2 gpt_bigcode gpt_neo gptj phi opt starcoder2 jais2 dbrx codegen flex_olmo'),
  ...each('GPTNeoXTokenizer', 'gpt_neox olmo olmo2 olmoe stablelm mpt mamba mamba2 rwkv falcon_mamba xlstm'),
  ...each('CohereTokenizer', 'cohere cohere2'),
  ...each(
    'Qwen2Tokenizer',
    'qwen2 qwen2_moe qwen2_vl qwen2_5_vl qwen3 qwen3_moe qwen3_next qwen3_vl internvl',
  ),
  ...each('Qwen3_5Tokenizer', 'qwen3_5 qwen3_5_moe'),
  ...each('GemmaTokenizer', 'gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text recurrent_gemma'),
  ...each('as-it-is', 'granite granitemoe granitemoehybrid granitemoeshared olmo3 olmo_hybrid glm glm4'),
  ...each(
    'as-it-is',
    'mistral mistral3 ministral ministral3 mixtral phi3 phimoe nemotron internlm2 minimax_m2',
  ),
  ...each('as-it-is', 'deepseek_v2 deepseek_v3 deepseek_v32 jamba modernbert step3p5'),
] as const);

/** Model types whose published folders name the wrong class. */
const MISNAMED: ReadonlySet<string> = new Set(['qwen2']);

function each<const Class>(name: Class, types: string): [string, Class][] {
  return types.split(' ').map((type) => [type, name]);
}

/**
 * The class that transformers (5.12, `AutoTokenizer`) makes a tokenizer with; null where tokenizer.json is taken as it is.
 *
 * @param modelType config.json's `model_type`.
 * @param named `tokenizer_class` of tokenizer_config.json, or else of config.json.
 */
export function tokenizerClass(modelType: string | undefined, named: string | undefined): BuiltClass | null {
  const ofModel = modelType === undefined ? undefined : OF_MODEL.get(modelType);
  const given = named?.replace(/Fast$/, '');
  const differs = ofModel !== undefined && given !== undefined && given !== ofModel;
  if (differs && ofModel === 'as-it-is') return null;
  const name = given === undefined || (differs && MISNAMED.has(modelType as string)) ? ofModel : given;
  return name !== undefined && BUILT.has(name) ? (name as BuiltClass) : null;
}
