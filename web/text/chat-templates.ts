/** The chat templates that a model's files bring, in Jinja. */
export interface ChatTemplates {
  /** The one for chats; null where there are only others. */
  default: string | null;
  /** Others, by name: `tool_use`, `rag`, … */
  named: Readonly<Record<string, string>>;
}
