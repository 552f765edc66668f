/** The names of all dialects, as providers and `--dialect` say them. */
export type DialectName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'bedrock-converse'
  | 'gemini'
  | 'cohere'
  | 'ollama'
