/** `@openrouter/sdk`, which checks every field, and `ai` with OpenRouter's provider. */
import assert from 'node:assert/strict'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import type { ChatUsage } from '@openrouter/sdk/models'
import { OpenRouterError } from '@openrouter/sdk/models/errors'
import { APICallError, generateText, jsonSchema, streamText, tool, type ToolSet } from 'ai'
import {
  callOf,
  type ContractClient,
  forms,
  functions,
  instructions,
  messages,
  prompt,
  type Read,
  schema,
  toolNames,
} from './client.ts'

export const openrouter: ContractClient = {
  name: '@openrouter/sdk',
  reasons: forms,
  errors: {
    400: 'BadRequestResponseError',
    401: 'UnauthorizedResponseError',
    402: 'PaymentRequiredResponseError',
    404: 'NotFoundResponseError',
    429: 'TooManyRequestsResponseError',
  },
  failureOf(error) {
    assert.ok(error instanceof OpenRouterError, String(error))
    return { status: error.statusCode, message: error.message }
  },
  async ask({ origin, key, model }, form) {
    const client = new OpenRouter({
      apiKey: key,
      serverURL: `${origin}/api/v1`,
      retryConfig: { strategy: 'none' },
    })
    const question = { model, messages, tools: functions }
    if (form === 'plain') {
      const answer = await client.chat.send({ chatRequest: question })
      assert.ok('choices' in answer)
      const message = answer.choices[0]?.message
      return {
        text: typeof message?.content === 'string' ? message.content : '',
        reasoning: message?.reasoning ?? '',
        calls: (message?.toolCalls ?? []).map((call) => callOf(call.function.name, call.function.arguments)),
        ...openrouterUsage(answer.usage),
      }
    }
    const stream = await client.chat.send({ chatRequest: { ...question, stream: true } })
    assert.ok(!('choices' in stream))
    const calls: { name: string; input: string }[] = []
    let [text, reasoning] = ['', '']
    let usage: ChatUsage | undefined
    for await (const chunk of stream) {
      // The SDK hands an error inside a stream on as a chunk.
      if (chunk.error) throw new OpenRouterStreamError(chunk.error.message)
      const delta = chunk.choices[0]?.delta
      text += delta?.content ?? ''
      reasoning += delta?.reasoning ?? ''
      usage = chunk.usage ?? usage
      for (const { index, function: called } of delta?.toolCalls ?? []) {
        const call = (calls[index] ??= { name: '', input: '' })
        call.name ||= called?.name ?? ''
        call.input += called?.arguments ?? ''
      }
    }
    return {
      text,
      reasoning,
      calls: calls.map(({ name, input }) => callOf(name, input)),
      ...openrouterUsage(usage),
    }
  },
}

/** An error that came as a chunk of a stream. */
export class OpenRouterStreamError extends Error {
  override readonly name = 'OpenRouterStreamError'
}

function openrouterUsage(usage: ChatUsage | undefined): Pick<Read, 'usage' | 'cost'> {
  return {
    usage: usage ? [usage.promptTokens, usage.completionTokens] : null,
    cost: usage?.cost ?? null,
  }
}

/** The package's own types do not hold with exact optional properties. */
const aiTools = Object.fromEntries(
  toolNames.map((name) => [name, tool({ inputSchema: jsonSchema(schema) }) as ToolSet[string]]),
)

export const aiSdk: ContractClient = {
  name: 'ai with @openrouter/ai-sdk-provider',
  // Of a stream it shows no thoughts behind which a tool is called, whoever sends them.
  reasons: ['plain'],
  errors: {
    400: 'APICallError',
    401: 'APICallError',
    402: 'APICallError',
    404: 'APICallError',
    429: 'APICallError',
  },
  failureOf(error) {
    assert.ok(APICallError.isInstance(error), String(error))
    return { status: error.statusCode, message: error.message }
  },
  async ask({ origin, key, model }, form) {
    const options = {
      model: createOpenRouter({ apiKey: key, baseURL: `${origin}/api/v1` }).chat(model, {
        usage: { include: true },
      }),
      instructions,
      prompt,
      maxRetries: 0,
      tools: aiTools,
    }
    let failed: unknown
    const result =
      form === 'plain'
        ? await generateText(options)
        : streamText({ ...options, onError: ({ error }) => void (failed = error) })
    try {
      const [text, reasoning, calls, usage, metadata] = await Promise.all([
        result.text,
        result.reasoningText,
        result.toolCalls,
        result.usage,
        result.providerMetadata,
      ])
      if (failed !== undefined) throw failed
      const said = metadata?.['openrouter']?.['usage'] as { readonly cost?: number } | undefined
      return {
        text,
        reasoning: reasoning ?? '',
        calls: calls.map(({ toolName, input }) => [toolName, input] as const),
        usage: [usage.inputTokens ?? 0, usage.outputTokens ?? 0],
        cost: said?.cost ?? null,
      }
    } catch (error) {
      throw failed ?? error
    }
  },
}
