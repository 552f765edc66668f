/** `openai`, and what stands on it: LangChain.js. */
import assert from 'node:assert/strict'
import type { AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import OpenAI, { APIError as OpenAIError } from 'openai'
import {
  callOf,
  type ContractClient,
  forms,
  functions,
  instructions,
  messages,
  type Place,
  prompt,
  schema,
  toolNames,
} from './client.ts'

const openaiErrors = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  402: 'APIError',
  404: 'NotFoundError',
  429: 'RateLimitError',
}

const openaiOf = ({ origin, key }: Place): OpenAI =>
  new OpenAI({ apiKey: key, baseURL: `${origin}/v1`, maxRetries: 0 })

const openaiFailure: ContractClient['failureOf'] = (error) => {
  assert.ok(error instanceof OpenAIError, String(error))
  return { status: error.status as number | undefined, message: error.message }
}

export const chat: ContractClient = {
  name: 'openai, chat completions',
  // Its helper for streams keeps no field that it does not know.
  reasons: ['plain'],
  errors: openaiErrors,
  failureOf: openaiFailure,
  async ask(place, form) {
    const question = { model: place.model, messages, tools: functions }
    const { completions } = openaiOf(place).chat
    const answer =
      form === 'plain'
        ? await completions.create(question)
        : await completions
            .stream({ ...question, stream_options: { include_usage: true } })
            .finalChatCompletion()
    const message = answer.choices[0]?.message ?? assert.fail('no choice')
    return {
      text: message.content ?? '',
      reasoning: (message as { readonly reasoning?: string }).reasoning ?? '',
      calls: (message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function' ? [callOf(call.function.name, call.function.arguments)] : [],
      ),
      usage: answer.usage ? [answer.usage.prompt_tokens, answer.usage.completion_tokens] : null,
      cost: (answer.usage as { readonly cost?: number } | undefined)?.cost ?? null,
    }
  },
}

export const responses: ContractClient = {
  name: 'openai, responses',
  reasons: forms,
  errors: openaiErrors,
  failureOf: openaiFailure,
  async ask(place, form) {
    const { responses } = openaiOf(place)
    const question = {
      model: place.model,
      instructions,
      input: prompt,
      tools: toolNames.map((name) => ({
        type: 'function' as const,
        name,
        parameters: schema,
        strict: false,
      })),
    }
    const { output, output_text, usage, error } =
      form === 'plain' ? await responses.create(question) : await responses.stream(question).finalResponse()
    // The SDK hands an answer that failed on as one.
    if (error !== null) throw new Error(error.message)
    return {
      text: output_text,
      reasoning: output
        .flatMap((item) => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])] : []))
        .map(({ text }) => text)
        .join(''),
      calls: output.flatMap((item) =>
        item.type === 'function_call' ? [callOf(item.name, item.arguments)] : [],
      ),
      usage: usage ? [usage.input_tokens, usage.output_tokens] : null,
      cost: null,
    }
  },
}

export const langchain: ContractClient = {
  name: 'LangChain.js, ChatOpenAI',
  reasons: [],
  errors: openaiErrors,
  failureOf(error) {
    assert.ok(error instanceof Error)
    return { status: (error as { readonly status?: number }).status, message: error.message }
  },
  async ask({ origin, key, model }, form) {
    const client = new ChatOpenAI({
      model,
      apiKey: key,
      configuration: { baseURL: `${origin}/v1` },
      maxRetries: 0,
      streaming: form === 'streamed',
      useResponsesApi: false,
    }).bindTools([...functions])
    const answer =
      form === 'plain' ? await client.invoke(messages) : await gathered(await client.stream(messages))
    const usage = answer.usage_metadata as
      | Readonly<Record<'input_tokens' | 'output_tokens', number>>
      | undefined
    return {
      text: answer.text,
      reasoning: '',
      calls: (answer.tool_calls ?? []).map(({ name, args }) => [name, args] as const),
      usage: usage ? [usage.input_tokens, usage.output_tokens] : null,
      cost: null,
    }
  },
}

async function gathered(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let all: AIMessageChunk | undefined
  for await (const chunk of stream) all = all === undefined ? chunk : all.concat(chunk)
  return all ?? assert.fail('nothing came')
}
