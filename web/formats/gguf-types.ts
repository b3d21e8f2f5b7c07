/** How a GGUF file stores the values of a tensor. */
export interface GgufType {
  /** As ggml names it, and the engine: `Q4_K`. */
  name: string;
  /** Consecutive values of a row that are one block. */
  blockValues: number;
  blockBytes: number;
  /** Whether the engine reads it. */
  isReadable: boolean;
}

const type = (name: string, blockValues: number, blockBytes: number, isReadable = true): GgufType => ({
  name,
  blockValues,
  blockBytes,
  isReadable,
});

/** By the number that files have for it (ggml's `enum ggml_type`). */
export const GGUF_TYPES: ReadonlyMap<number, GgufType> = new Map([
  [0, type('F32', 1, 4)],
  [1, type('F16', 1, 2)],
  [2, type('Q4_0', 32, 18)],
  [3, type('Q4_1', 32, 20)],
  [6, type('Q5_0', 32, 22)],
  [7, type('Q5_1', 32, 24)],
  [8, type('Q8_0', 32, 34)],
  [9, type('Q8_1', 32, 36, false)],
  [10, type('Q2_K', 256, 84)],
  [11, type('Q3_K', 256, 110)],
  [12, type('Q4_K', 256, 144)],
  [13, type('Q5_K', 256, 176)],
  [14, type('Q6_K', 256, 210)],
  [15, type('Q8_K', 256, 292, false)],
  [16, type('IQ2_XXS', 256, 66, false)],
  [17, type('IQ2_XS', 256, 74, false)],
  [18, type('IQ3_XXS', 256, 98, false)],
  [19, type('IQ1_S', 256, 50, false)],
  [20, type('IQ4_NL', 32, 18)],
  [21, type('IQ3_S', 256, 110, false)],
  [22, type('IQ2_S', 256, 82, false)],
  [23, type('IQ4_XS', 256, 136)],
  [24, type('I8', 1, 1, false)],
  [25, type('I16', 1, 2, false)],
  [26, type('I32', 1, 4, false)],
  [27, type('I64', 1, 8, false)],
  [28, type('F64', 1, 8)],
  [29, type('IQ1_M', 256, 56, false)],
  [30, type('BF16', 1, 2)],
  [34, type('TQ1_0', 256, 54)],
  [35, type('TQ2_0', 256, 66)],
  [39, type('MXFP4', 32, 17)],
  [40, type('NVFP4', 64, 36)],
  [41, type('Q1_0', 128, 18)],
  [42, type('Q2_0', 64, 18)],
]);

/** Types that files had once, by their numbers. */
export const REMOVED_GGUF_TYPES: ReadonlyMap<number, string> = new Map([
  [4, 'Q4_2'],
  [5, 'Q4_3'],
  [31, 'Q4_0_4_4'],
  [32, 'Q4_0_4_8'],
  [33, 'Q4_0_8_8'],
  [36, 'IQ4_NL_4_4'],
  [37, 'IQ4_NL_4_8'],
  [38, 'IQ4_NL_8_8'],
]);

/** The names of those that can be read, for messages. */
export function readableGgufTypes(): string {
  return [...GGUF_TYPES.values()]
    .filter(({ isReadable }) => isReadable)
    .map(({ name }) => name)
    .join(', ');
}

/** `general.file_type`: what a file is called by the types that most of its tensors have (llama.cpp's `enum llama_ftype`). */
const FILE_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [7, 'Q8_0'],
  [8, 'Q5_0'],
  [9, 'Q5_1'],
  [10, 'Q2_K'],
  [11, 'Q3_K_S'],
  [12, 'Q3_K_M'],
  [13, 'Q3_K_L'],
  [14, 'Q4_K_S'],
  [15, 'Q4_K_M'],
  [16, 'Q5_K_S'],
  [17, 'Q5_K_M'],
  [18, 'Q6_K'],
  [19, 'IQ2_XXS'],
  [20, 'IQ2_XS'],
  [21, 'Q2_K_S'],
  [22, 'IQ3_XS'],
  [23, 'IQ3_XXS'],
  [24, 'IQ1_S'],
  [25, 'IQ4_NL'],
  [26, 'IQ3_S'],
  [27, 'IQ3_M'],
  [28, 'IQ2_S'],
  [29, 'IQ2_M'],
  [30, 'IQ4_XS'],
  [31, 'IQ1_M'],
  [32, 'BF16'],
  [36, 'TQ1_0'],
  [37, 'TQ2_0'],
  [38, 'MXFP4_MOE'],
  [39, 'NVFP4'],
  [40, 'Q1_0'],
  [41, 'Q2_0'],
]);

/** Null for a number that is not known. */
export function ggufFileType(value: unknown): string | null {
  return (typeof value === 'number' ? FILE_TYPES.get(value) : undefined) ?? null;
}

/** Whether a type is one of GGUF's that the engine does not read. */
export function unreadableType(name: string): boolean {
  return [...GGUF_TYPES.values()].some((known) => known.name === name && !known.isReadable);
}
