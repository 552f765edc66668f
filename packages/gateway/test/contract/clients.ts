/** The clients that people have, each asking a gateway the same question in its own way. */
import type { ContractClient } from './client.ts'
import { chat, langchain, responses } from './openai-clients.ts'
import { aiSdk, openrouter } from './openrouter-clients.ts'
import { anthropic, google } from './other-clients.ts'

/** All of them but curl, which has no types and a file of its own. */
export const clients: readonly ContractClient[] = [
  chat,
  responses,
  openrouter,
  aiSdk,
  anthropic,
  google,
  langchain,
]
