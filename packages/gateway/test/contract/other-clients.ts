/** `@anthropic-ai/sdk` and `@google/genai`, each in its own dialect. */
import assert from 'node:assert/strict'
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { ApiError as GoogleError, type GenerateContentResponse, GoogleGenAI, Type } from '@google/genai'
import { type ContractClient, forms, instructions, prompt, schema, toolNames } from './client.ts'

export const anthropic: ContractClient = {
  name: '@anthropic-ai/sdk',
  reasons: forms,
  errors: {
    400: 'BadRequestError',
    401: 'AuthenticationError',
    402: 'PaymentRequiredError',
    404: 'NotFoundError',
    429: 'RateLimitError',
  },
  failureOf(error) {
    assert.ok(error instanceof AnthropicError, String(error))
    return { status: error.status as number | undefined, message: error.message }
  },
  async ask({ origin, key, model }, form) {
    const { messages } = new Anthropic({ apiKey: key, baseURL: `${origin}/api`, maxRetries: 0 })
    const question = {
      model,
      max_tokens: 4000,
      system: instructions,
      messages: [{ role: 'user' as const, content: prompt }],
      tools: toolNames.map((name) => ({ name, input_schema: schema })),
    }
    const { content, usage } =
      form === 'plain' ? await messages.create(question) : await messages.stream(question).finalMessage()
    return {
      text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      reasoning: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
      calls: content.flatMap((block) =>
        block.type === 'tool_use' ? [[block.name, block.input] as const] : [],
      ),
      usage: [usage.input_tokens, usage.output_tokens],
      cost: null,
    }
  },
}

export const google: ContractClient = {
  name: '@google/genai',
  reasons: forms,
  errors: { 400: 'ApiError', 401: 'ApiError', 402: 'ApiError', 404: 'ApiError', 429: 'ApiError' },
  failureOf(error) {
    assert.ok(error instanceof GoogleError, String(error))
    return { status: error.status, message: error.message }
  },
  async ask({ origin, key, model }, form) {
    const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } })
    const parameters = {
      type: Type.OBJECT,
      properties: { a: { type: Type.INTEGER }, b: { type: Type.INTEGER } },
      required: ['a', 'b'],
    }
    const question = {
      model,
      contents: prompt,
      config: {
        systemInstruction: instructions,
        tools: [{ functionDeclarations: toolNames.map((name) => ({ name, parameters })) }],
      },
    }
    const chunks: GenerateContentResponse[] = []
    if (form === 'plain') chunks.push(await models.generateContent(question))
    else for await (const chunk of await models.generateContentStream(question)) chunks.push(chunk)
    const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
    const usage = chunks.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata
    const textOf = (isThought: boolean): string =>
      parts.map((part) => ((part.thought ?? false) === isThought ? (part.text ?? '') : '')).join('')
    const output = (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0)
    return {
      text: textOf(false),
      reasoning: textOf(true),
      calls: parts.flatMap(({ functionCall }) =>
        functionCall ? [[functionCall.name ?? '', functionCall.args] as const] : [],
      ),
      usage: usage ? [usage.promptTokenCount ?? 0, output] : null,
      cost: null,
    }
  },
}
