export { createPromptApi, installPromptApi, type PromptApi } from './prompt-api.js';
export type { PromptSession } from './session.js';
export type {
  AppendOptions,
  Availability,
  CloneOptions,
  CreateCoreOptions,
  CreateMonitor,
  CreateOptions,
  PromptApiOptions,
  PromptContent,
  PromptContentType,
  PromptExpected,
  PromptInput,
  PromptMessage,
  PromptOptions,
  PromptRole,
  PromptTool,
  SamplingMode,
  SamplingParams,
} from './types.js';
