import type { DotForm, VariantName, WasmSource } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import { relaxedSimd, simd } from '../vendor/wasm-feature-detect.js';
import { checkWebAssembly, probe } from './probes.js';
import { exactDotForms } from './relaxed-probe.js';
import { chooseThreads } from './threads.js';

/** One build of the engine: its glue, its binary, and what it needs of the runtime. */
export interface Variant {
  name: VariantName;
  isRelaxed: boolean;
  hasThreads: boolean;
}

/** A variant for this runtime, with what decided. */
export interface ChosenVariant {
  variant: Variant;
  threads: number;
  /** The forms of the dot product to choose from; none in variants without relaxed SIMD. */
  dotForms: readonly DotForm[];
  /** For people: what runs here, and why nothing better does. */
  reason: string;
}

const VARIANTS: readonly Variant[] = [
  { name: 'simd', isRelaxed: false, hasThreads: false },
  { name: 'relaxed', isRelaxed: true, hasThreads: false },
  { name: 'simd-threads', isRelaxed: false, hasThreads: true },
  { name: 'relaxed-threads', isRelaxed: true, hasThreads: true },
];

/**
 * The best build for this runtime, by what the runtime can do, or the one that is asked for; and so for the form of the
 * dot product. What a given module is made of has been compiled, so nothing more is.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function chooseVariant(
  wanted: VariantName | 'auto' = 'auto',
  wantedThreads: number | 'auto' = 1,
  wantedForm: DotForm | 'auto' = 'auto',
  given?: WasmSource,
): Promise<ChosenVariant> {
  await checkRuntime(given);
  const named = VARIANTS.find(({ name }) => name === wanted);
  const { threads, reason: aboutThreads } = await chooseThreads(wantedThreads, named);
  const relaxed = isModule(given) ? await relaxedOfModule(named) : await probeRelaxed();
  if (named?.isRelaxed && !relaxed.works) {
    throw new SottoError(
      'unsupported-environment',
      `the variant ${named.name} cannot run: ${relaxed.reason}; leave the option variant out`,
    );
  }
  const isFit = ({ isRelaxed, hasThreads }: Variant) =>
    isRelaxed === relaxed.works && hasThreads === threads > 1;
  const variant = named ?? (VARIANTS.find(isFit) as Variant);
  const aboutVariant = named === undefined ? relaxed.reason : `the variant ${named.name} was asked for`;
  const exactForms = variant.isRelaxed ? relaxed.forms : [];
  const dotForms = exactForms.filter((form) => wantedForm === 'auto' || wantedForm === form);
  if (wantedForm !== 'auto' && dotForms.length === 0) {
    throw new SottoError(
      'unsupported-environment',
      `the dot form ${wantedForm} cannot run: ` +
        `${variant.isRelaxed ? "this runtime's is not exact" : `the variant ${variant.name} has no relaxed SIMD`}; ` +
        'leave the option dotForm out',
    );
  }
  return { variant, threads, dotForms, reason: `${aboutVariant}; ${aboutThreads}` };
}

/**
 * Checks what every variant needs, before anything is fetched for one.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function checkRuntime(given?: WasmSource): Promise<void> {
  checkWebAssembly();
  if (isModule(given)) return;
  if (!(await probe(simd))) {
    throw new SottoError(
      'unsupported-environment',
      'this runtime has no SIMD in WebAssembly: use Chrome or Edge 91, Firefox 89, Safari 16.4, Node 20, or later',
    );
  }
  await probe(() => WebAssembly.compile(EMPTY_MODULE)); // which policies forbid
}

/** Its magic number and its version. */
const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

const isModule = (given: WasmSource | undefined) => given !== undefined && 'module' in given;

interface Relaxed {
  works: boolean;
  forms: readonly DotForm[];
  reason: string;
}

/** Relaxed variants need the form pairs; the form quads is only faster here and there. */
async function probeRelaxed(): Promise<Relaxed> {
  if (!(await probe(relaxedSimd)))
    return { works: false, forms: [], reason: 'this runtime has no relaxed SIMD' };
  const forms = await probe(exactDotForms);
  return forms.includes('pairs')
    ? { works: true, forms, reason: 'relaxed SIMD works here, exactly' }
    : { works: false, forms, reason: "this runtime's relaxed SIMD is not exact" };
}

/** The caller says by the variant what a given module uses; where nothing else may be compiled, that is believed. */
async function relaxedOfModule(named: Variant | undefined): Promise<Relaxed> {
  if (!named?.isRelaxed)
    return { works: false, forms: [], reason: 'the given module is taken for one without' };
  const forms = await exactDotForms().catch((): DotForm[] => ['pairs']);
  return { works: forms.includes('pairs'), forms, reason: "this runtime's relaxed SIMD is not exact" };
}
