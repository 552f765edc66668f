/** The clients of the `ai` package, each with a dialect that it speaks. */
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createCohere } from '@ai-sdk/cohere'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import type { LanguageModel } from 'ai'

/** A provider of `ai` that speaks the dialect; whether the dialect shows reasoning, and keeps inputs' bytes. */
export interface Client {
  readonly name: string
  readonly reasons: boolean
  readonly model: (origin: string) => LanguageModel
}

const apiKey = 'sk-x'

export const clients: readonly Client[] = [
  {
    name: 'openai-chat, openai',
    reasons: false,
    model: (origin) => createOpenAI({ apiKey, baseURL: `${origin}/v1` }).chat('m'),
  },
  {
    name: 'openai-chat, openai-compatible',
    reasons: true,
    model: (origin) =>
      createOpenAICompatible({ name: 'p', baseURL: `${origin}/v1`, includeUsage: true })('m'),
  },
  {
    name: 'openai-chat, openrouter',
    reasons: true,
    model: (origin) => createOpenRouter({ apiKey, baseURL: `${origin}/api/v1` }).chat('m'),
  },
  {
    name: 'openai-responses',
    reasons: true,
    model: (origin) => createOpenAI({ apiKey, baseURL: `${origin}/v1` }).responses('m'),
  },
  {
    name: 'anthropic-messages',
    reasons: true,
    model: (origin) => createAnthropic({ apiKey, baseURL: `${origin}/v1` })('claude-sonnet-4-5'),
  },
  {
    name: 'gemini',
    reasons: true,
    model: (origin) => createGoogle({ apiKey, baseURL: `${origin}/v1beta` })('gemini-2.5-flash'),
  },
  {
    name: 'bedrock-converse',
    reasons: true,
    model: (origin) =>
      createAmazonBedrock({ apiKey, region: 'us-east-1', baseURL: origin })('anthropic.claude-v2:1'),
  },
  {
    name: 'cohere',
    reasons: true,
    model: (origin) => createCohere({ apiKey, baseURL: `${origin}/v2` })('command-a-reasoning-08-2025'),
  },
]
