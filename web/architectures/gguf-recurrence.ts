import type { ConfigKey } from './config-keys.js';
import type { FoundValue } from './config-reader.js';
import type { GgufHeader } from './gguf-header.js';

/** What the metadata says of layers with a state, under transformers' keys; undefined for all other keys. */
export function findRecurrence(key: ConfigKey, header: GgufHeader): FoundValue | undefined {
  switch (key) {
    case 'mamba_n_heads':
    case 'linear_num_value_heads':
      return header.found('ssm.time_step_rank');
    case 'mamba_n_groups':
    case 'linear_num_key_heads':
      return header.found('ssm.group_count');
    case 'mamba_d_state':
    case 'linear_key_head_dim':
      return header.found('ssm.state_size');
    case 'mamba_d_conv':
    case 'linear_conv_kernel_dim':
      return header.found('ssm.conv_kernel');
    case 'mamba_d_ssm':
      return header.found('ssm.inner_size');
    case 'mamba_d_head':
      return { name: header.name('ssm.inner_size'), value: 'auto' };
    case 'linear_value_head_dim':
      return { name: header.name('ssm.inner_size'), value: valueDim(header) };
    case 'mamba_rms_norm':
      return { name: 'ssm_norm.weight', value: header.hasInLayers('ssm_norm.weight') };
    case 'full_attention_interval':
      return header.foundOr('full_attention_interval', 4);
    default:
      return undefined;
  }
}

function valueDim(header: GgufHeader): number {
  const nHeads = header.size('ssm.time_step_rank');
  const inner = header.size('ssm.inner_size');
  if (inner % nHeads === 0) return inner / nHeads;
  throw header.bad('ssm.inner_size', inner, `a multiple of ${header.name('ssm.time_step_rank')}, ${nHeads}`);
}
