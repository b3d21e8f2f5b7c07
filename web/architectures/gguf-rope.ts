import { shown } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import type { ConfigKey } from './config-keys.js';
import type { FoundValue } from './config-reader.js';
import type { GgufHeader, GgufTensor } from './gguf-header.js';
import { MAX } from './max-sizes.js';

/** Reads a small tensor of the file whole, as the numbers that it holds. */
export type GgufTensorReader = (name: string) => Promise<Float32Array>;

/** Divisors of rotary frequencies, which GGUF files have as tensors. */
export interface RopeFactors {
  /** Whether there is one set, for all lengths: what llama3's scaling comes to. */
  isOneSet: boolean;
  /** The share of frequencies that turn, where the set says this only; else null. */
  share: number | null;
  short: Factors;
  long: Factors;
}

interface Factors {
  tensor: string;
  values: readonly number[];
}

/** The divisor of frequencies that do not turn; all smaller ones are some. */
const STILL = 1e30;

const ONE_SET = 'rope_freqs.weight';
const SHORT = 'rope_factors_short.weight';
const LONG = 'rope_factors_long.weight';

/** GGUF's words for kinds of scaling, and transformers'. */
const TYPES: Readonly<Record<string, string>> = {
  none: 'default',
  linear: 'linear',
  yarn: 'yarn',
  longrope: 'longrope',
};

/**
 * @param isShare Whether the family's one set says which share of the frequencies of a whole head turns.
 * @returns Null where the file has none.
 * @throws SottoError 'bad-tensor' or 'unsupported-model' for tensors that cannot be factors; what `read` throws.
 */
export async function readRopeFactors(
  header: GgufHeader,
  read: GgufTensorReader,
  isShare = false,
): Promise<RopeFactors | null> {
  const factors = async (name: string): Promise<Factors | null> => {
    const tensor = header.tensor(name);
    return tensor === null ? null : { tensor: name, values: [...(await readFactors(tensor, read))] };
  };
  const [short, long, oneSet] = await Promise.all([factors(SHORT), factors(LONG), factors(ONE_SET)]);
  if (short !== null && long !== null) return { isOneSet: false, share: null, short, long };
  const alone = short ?? long;
  if (alone !== null) {
    const missing = alone === short ? LONG : SHORT;
    throw new SottoError('missing-tensor', `the weights have ${alone.tensor} and lack ${missing}`);
  }
  if (oneSet === null) return null;
  const share = isShare ? shareOf(oneSet, header) : null;
  return { isOneSet: true, share, short: oneSet, long: oneSet };
}

/** Of ones and, behind them, what stands for frequencies that do not turn. */
function shareOf({ tensor, values }: Factors, header: GgufHeader): number {
  const key = 'attention.key_length';
  if (header.size(key) !== 2 * values.length) {
    throw header.bad(
      key,
      header.value(key),
      `${2 * values.length}, as ${tensor} has ${values.length} values`,
    );
  }
  const nTurning = values.filter((value) => value === 1).length;
  if (values.some((value, i) => (i < nTurning ? value !== 1 : value < STILL))) {
    throw new SottoError('bad-tensor', `tensor ${tensor} has other values than ones and then 1e30`);
  }
  return Math.min((nTurning + 0.5) / values.length, 1); // whoever reads it rounds down
}

async function readFactors(
  { name, shape, dtype }: GgufTensor,
  read: GgufTensorReader,
): Promise<Float32Array> {
  const [length = 0, ...more] = shape;
  if (more.length > 0 || length < 1 || length > MAX.headDim / 2) {
    throw new SottoError(
      'bad-tensor',
      `tensor ${name} has the shape [${shape.slice(0, 8).join(', ')}]; expected one dimension of at most ` +
        `${MAX.headDim / 2}, half a head`,
    );
  }
  if (dtype !== 'F32') {
    throw new SottoError('unsupported-model', `tensor ${name} has the type ${dtype}; factors are F32`);
  }
  return await read(name);
}

/** What the metadata says of rotary positions, under transformers' keys; undefined for all other keys. */
export function findRope(
  key: ConfigKey,
  header: GgufHeader,
  factors: RopeFactors | null,
): FoundValue | undefined {
  switch (key) {
    case 'rope_type':
      return { name: header.name('rope.scaling.type'), value: ropeType(header, factors) };
    case 'rope_theta':
      return base(header, 'rope.freq_base');
    case 'rope_local_base_freq':
      return base(header, 'rope.freq_base_swa');
    case 'partial_rotary_factor': // GGUF counts dimensions instead, or has factors
      return { name: ONE_SET, value: factors?.share ?? null };
    case 'factor':
      return scalingFactor(header);
    case 'original_max_position_embeddings': {
      const given = factors?.isOneSet ? null : header.valueUnlessZero('rope.scaling.original_context_length');
      return given === null
        ? header.found('context_length')
        : header.found('rope.scaling.original_context_length');
    }
    case 'short_factor':
      return factors === null ? { name: SHORT, value: null } : found(factors.short);
    case 'long_factor':
      return factors === null ? { name: LONG, value: null } : found(factors.long);
    case 'attention_factor':
      return attentionFactor(header, factors);
    case 'beta_fast':
      return header.found('rope.scaling.yarn_beta_fast');
    case 'beta_slow':
      return header.found('rope.scaling.yarn_beta_slow');
    case 'truncate':
      return header.found('rope.scaling.yarn_truncate');
    case 'mscale': // GGUF has the other one only, and means 1 by this one
      return {
        name: header.name('rope.scaling.yarn_log_multiplier'),
        value: header.valueUnlessZero('rope.scaling.yarn_log_multiplier') === null ? null : 1,
      };
    case 'mscale_all_dim':
      return header.foundOr('rope.scaling.yarn_log_multiplier', null);
    case 'llama_4_scaling_beta':
      return header.foundOr('attention.temperature_scale', null);
    default:
      return undefined;
  }
}

function found({ tensor, values }: Factors): FoundValue {
  return { name: tensor, value: values };
}

/** Not the family's default in transformers, where the file has none. */
function base(header: GgufHeader, key: string): FoundValue {
  return { name: header.name(key), value: header.value(key) ?? 10_000 };
}

/** Files of the first months have it under another name. */
function scalingFactor(header: GgufHeader): FoundValue {
  const isOlder = header.value('rope.scaling.factor') === null && header.value('rope.scale_linear') !== null;
  return header.foundOr(isOlder ? 'rope.scale_linear' : 'rope.scaling.factor', null);
}

/** @throws SottoError 'unsupported-model' for a word of another meaning, 'bad-config' for a scaling without a factor. */
function ropeType(header: GgufHeader, factors: RopeFactors | null): string {
  const given = header.value('rope.scaling.type');
  const { value: factor } = scalingFactor(header);
  const word = given ?? (factors?.isOneSet === false ? 'longrope' : 'linear');
  if (typeof word !== 'string' || !Object.hasOwn(TYPES, word)) {
    throw header.unsupported('rope.scaling.type', shown(word), Object.keys(TYPES));
  }
  const type = word === 'linear' && factor === null ? 'default' : (TYPES[word] as string);
  if (type === 'yarn') checkYarn(header, factor);
  if (factors === null) return type;
  // With factors, it must not be scaled in another way, too.
  const fitting = factors.isOneSet ? ['default'] : ['default', 'longrope'];
  if (fitting.includes(type)) return factors.share === null ? 'longrope' : 'proportional';
  throw header.unsupported('rope.scaling.type', `${shown(word)} beside ${factors.long.tensor}`, ['none']);
}

function checkYarn(header: GgufHeader, factor: unknown): void {
  if (factor === null)
    throw header.bad('rope.scaling.factor', null, 'a number, as rope.scaling.type is yarn');
  const extension = header.value('rope.scaling.yarn_ext_factor');
  if (extension !== null && extension !== 1 && extension !== -1) {
    throw header.unsupported('rope.scaling.yarn_ext_factor', shown(extension), ['1']);
  }
  const attention = header.value('rope.scaling.attn_factor');
  if (attention !== null && attention !== 1) {
    throw header.unsupported('rope.scaling.attn_factor', `${shown(attention)} beside yarn`, ['1']);
  }
}

/** LongRoPE's is written out, and 1 where it is not; YaRN's is computed from the others where it is not. */
function attentionFactor(header: GgufHeader, factors: RopeFactors | null): FoundValue {
  if (factors === null) return header.found('rope.scaling.yarn_attn_factor');
  const name = 'rope.scaling.attn_factor';
  return factors.isOneSet ? { name: header.name(name), value: 1 } : header.foundOr(name, 1);
}
