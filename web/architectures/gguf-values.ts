import type { ConfigKey } from './config-keys.js';
import type { ConfigValues, FoundValue } from './config-reader.js';
import { findGemma } from './gguf-gemma.js';
import type { GgufHeader } from './gguf-header.js';
import { attentionTypes, type MixerTypes, mixerTypes } from './gguf-layer-types.js';
import { findRecurrence } from './gguf-recurrence.js';
import { findRope, type RopeFactors } from './gguf-rope.js';
import type { AttentionType } from './layer-types.js';

/** What a family's GGUF files have otherwise than config.json. */
export interface GgufForm {
  /** Which layers' attention slides; left out: none, whatever the file says of a window. */
  slides?: (header: GgufHeader) => boolean;
  /** Values where the file has none, or 0, instead of transformers'. */
  absent?: Partial<Readonly<Record<ConfigKey, number>>>;
  /** Whether `feed_forward_length` is what the converter made up: the tensors have the size. */
  ignoresFeedForwardLength?: boolean;
  /** Whether attention and MLP stand side by side; left out: as the metadata says. */
  isParallel?: (header: GgufHeader) => boolean;
  /** Whether layers differ in sizes: of the MLP, and of heads where they slide. */
  layersDiffer?: boolean;
  /** Where layers differ in their mixer: the list that tells, and transformers' words for the two kinds. */
  mixers?: MixerTypes;
  /** The model of so many layers scales by hidden size / heads, not by the width of a head. */
  layersOfWideScale?: number;
}

/** Keys of transformers' configs, and of GGUF's metadata behind the architecture's name. */
const KEYS: Readonly<Partial<Record<ConfigKey, string>>> = {
  max_position_embeddings: 'context_length',
  hidden_size: 'embedding_length',
  num_hidden_layers: 'block_count',
  num_attention_heads: 'attention.head_count',
  num_key_value_heads: 'attention.head_count_kv',
  head_dim: 'attention.key_length',
  intermediate_size: 'feed_forward_length',
  vocab_size: 'vocab_size',
  rms_norm_eps: 'attention.layer_norm_rms_epsilon',
  layer_norm_eps: 'attention.layer_norm_epsilon',
  num_local_experts: 'expert_count',
  sliding_window: 'attention.sliding_window',
  layer_types: 'attention.sliding_window_pattern',
  query_pre_attn_scalar: 'attention.key_length',
  attn_logit_softcapping: 'attn_logit_softcapping',
  final_logit_softcapping: 'final_logit_softcapping',
  attention_multiplier: 'attention.scale',
  embedding_multiplier: 'embedding_scale',
  residual_multiplier: 'residual_scale',
  logits_scaling: 'logit_scale',
  logit_scale: 'logit_scale',
  conv_L_cache: 'shortconv.l_cache',
  use_parallel_residual: 'use_parallel_residual',
  num_kv_shared_layers: 'attention.shared_kv_layers',
  hidden_size_per_layer_input: 'embedding_length_per_layer_input',
  altup_num_inputs: 'altup.num_inputs',
  altup_active_idx: 'altup.active_idx',
  activation_sparsity_scale: 'activation_sparsity_scale',
  'rope.dimension_count': 'rope.dimension_count',
  'rope.dimension_count_swa': 'rope.dimension_count_swa',
  'rope.scaling.finetuned': 'rope.scaling.finetuned',
};

/**
 * The values of a GGUF file under transformers' keys. Where metadata has a key and the file does not, it answers null, so that
 * nothing is taken from transformers' defaults.
 */
export class GgufValues implements ConfigValues {
  readonly #header: GgufHeader;
  readonly #form: GgufForm;
  readonly #factors: RopeFactors | null;

  constructor(header: GgufHeader, form: GgufForm, factors: RopeFactors | null) {
    this.#header = header;
    this.#form = form;
    this.#factors = factors;
  }

  names(key: ConfigKey): readonly string[] {
    const name = KEYS[key];
    return [name === undefined ? key : this.#header.name(name)];
  }

  section(key: ConfigKey): ConfigValues | null {
    return key === 'rope_parameters' ? this : null;
  }

  /** @throws SottoError 'bad-config' or 'unsupported-model' for values that cannot be put under these keys. */
  find(key: ConfigKey): FoundValue | null {
    const name = KEYS[key];
    const header = this.#header;
    const found =
      findRope(key, header, this.#factors) ??
      findRecurrence(key, header) ??
      findGemma(key, header) ??
      this.#findDerived(key);
    if (found !== undefined) return found;
    if (name === undefined) return null;
    const fallback = this.#form.absent?.[key];
    return fallback === undefined ? header.found(name) : header.foundOr(name, fallback);
  }

  #named(key: ConfigKey, value: unknown): FoundValue {
    return { name: this.names(key)[0] ?? key, value };
  }

  /** What takes more than to look under another name. */
  #findDerived(key: ConfigKey): FoundValue | undefined {
    const header = this.#header;
    switch (key) {
      case 'num_hidden_layers':
        return this.#named(key, this.#nLayers());
      case 'num_attention_heads':
        return this.#named(key, header.uniform('attention.head_count'));
      case 'num_key_value_heads':
        return this.#named(key, this.#nKvHeads('sliding_attention'));
      case 'num_global_key_value_heads':
        return { name: header.name('attention.head_count_kv'), value: this.#nKvHeads('full_attention') };
      case 'head_dim':
        return this.#form.layersDiffer && header.value('attention.key_length_swa') !== null
          ? { name: header.name('attention.key_length_swa'), value: this.#headDim('_swa') }
          : this.#named(key, this.#headDim());
      case 'global_head_dim':
        return { name: header.name('attention.key_length'), value: this.#headDim() };
      case 'rope.dimension_count': {
        const given = header.uniform('rope.dimension_count');
        return given === null ? this.#named('head_dim', this.#headWidth()) : this.#named(key, given);
      }
      case 'vocab_size':
        return this.#ofTensor(key, 'token_embd.weight', 0);
      case 'intermediate_size':
      case 'shared_intermediate_size':
        return this.#intermediateSize();
      case 'tie_word_embeddings':
        return { name: 'output.weight', value: header.tensor('output.weight') === null };
      case 'query_pre_attn_scalar':
        return this.#named(key, this.#scoreWidth());
      case 'attention_multiplier':
        return header.foundOr('attention.scale', this.#headWidth() ** -0.5);
      case 'attn_logit_softcapping':
      case 'final_logit_softcapping':
        return header.foundOr(KEYS[key] as string, this.#form.absent?.[key] ?? null);
      case 'sliding_window':
        return this.#slides
          ? header.foundOr('attention.sliding_window', this.#form.absent?.[key] ?? null)
          : this.#named(key, null);
      case 'layer_types':
        return this.#layerTypes();
      case 'use_parallel_residual':
        return this.#form.isParallel && this.#named(key, this.#form.isParallel(header));
      case 'position_embedding_type': // unless rope.scaling.finetuned says otherwise
        return this.#named(key, 'rope');
      case 'conv_bias':
        return this.#named(key, header.hasInLayers('shortconv.conv.bias', 'shortconv.in_proj.bias'));
      case 'block_auto_adjust_ff_dim': // is done before the file is written
        return { name: header.name('feed_forward_length'), value: false };
      default:
        return undefined;
    }
  }

  get #slides(): boolean {
    return this.#form.slides?.(this.#header) ?? false;
  }

  /** Without the layers that predict further tokens, which stand behind the others. */
  #nLayers(): unknown {
    const header = this.#header;
    const nFurther = header.valueUnlessZero('nextn_predict_layers');
    if (nFurther === null) return header.value('block_count');
    const n = header.nBlocks;
    if (!Number.isInteger(nFurther) || (nFurther as number) < 0 || (nFurther as number) >= n) {
      throw header.bad('nextn_predict_layers', nFurther, `an integer below block_count, ${n}`);
    }
    return n - (nFurther as number);
  }

  /** @param type Of the layers that are asked for where layers differ. */
  #nKvHeads(type: AttentionType): unknown {
    const key = 'attention.head_count_kv';
    if (this.#form.mixers?.key === key) return this.#header.uniform(key, 0);
    const list = this.#header.list(key);
    if (list?.includes(0)) {
      throw this.#header.unsupported(key, '0 for a layer, which has no attention', ['layers with attention']);
    }
    const types = this.#form.layersDiffer ? this.#attentionTypes() : null;
    if (list === null || types === null) return this.#header.uniform(key);
    const ofType = new Set(list.filter((_, layer) => types[layer] === type));
    if (ofType.size <= 1) return [...ofType][0] ?? list[0];
    throw this.#header.unsupported(key, [...ofType].join(' and '), [`one value for layers of ${type}`]);
  }

  /** @param suffix Of the keys' names. */
  #headDim(suffix: '' | '_swa' = ''): number | null {
    const header = this.#header;
    const sizeOf = (key: string) => (header.value(key) === null ? null : header.size(key));
    const width = sizeOf(`attention.key_length${suffix}`);
    const ofValues = sizeOf(`attention.value_length${suffix}`);
    const ofKeys = width ?? (ofValues === null ? null : this.#hiddenOfHead());
    if (ofValues === null || ofValues === ofKeys) return width;
    throw header.unsupported(`attention.value_length${suffix}`, String(ofValues), [
      `as many as ${header.name(`attention.key_length${suffix}`)}, ${ofKeys}`,
    ]);
  }

  #headWidth(): number {
    return this.#headDim() ?? this.#hiddenOfHead();
  }

  #hiddenOfHead(): number {
    return this.#header.size('embedding_length') / this.#header.size('attention.head_count');
  }

  #scoreWidth(): number {
    return this.#nLayers() === this.#form.layersOfWideScale ? this.#hiddenOfHead() : this.#headWidth();
  }

  /** A size of a tensor, unless the metadata has something instead that is no size. */
  #ofTensor(key: ConfigKey, tensor: string, axis: number): FoundValue {
    const given = this.#header.uniform(KEYS[key] as string);
    const size = this.#header.shape(tensor)?.[axis];
    const isSize = given === null || (Number.isInteger(given) && (given as number) > 0);
    return isSize && size !== undefined
      ? { name: `the shape of ${tensor}`, value: size }
      : this.#named(key, given);
  }

  /** @throws SottoError 'bad-config' where metadata and tensor contradict each other, and neither is known to be right. */
  #intermediateSize(): FoundValue {
    const list = this.#form.layersDiffer ? this.#header.list('feed_forward_length') : null;
    if (list !== null) return this.#named('intermediate_size', list.slice(0, Number(this.#nLayers())));
    const ofTensor = this.#ofTensor('intermediate_size', 'blk.0.ffn_down.weight', 1);
    const given = this.#header.uniform('feed_forward_length');
    if (given === null || given === ofTensor.value || this.#form.ignoresFeedForwardLength) return ofTensor;
    throw this.#header.bad('feed_forward_length', given, `${ofTensor.value}, as in ${ofTensor.name}`);
  }

  #attentionTypes(): readonly AttentionType[] | null {
    return attentionTypes(this.#header, this.#slides, Number(this.#nLayers()));
  }

  #layerTypes(): FoundValue {
    const nLayers = Number(this.#nLayers());
    const { mixers } = this.#form;
    if (mixers !== undefined) return mixerTypes(this.#header, mixers, nLayers);
    return this.#named('layer_types', this.#attentionTypes());
  }
}
