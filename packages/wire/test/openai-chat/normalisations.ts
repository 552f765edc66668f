/** Where a request for chat completions that is read and written again differs from what was sent. */
import { arrayOr, isObject, objectOr, type Unread } from '../../src/json.ts'
import { without } from '../../src/kept-fields.ts'
import type { Normalisation } from '../laws/normalisations.ts'

export const chatNormalisations: readonly Normalisation[] = [
  {
    name: 'a null is left out',
    why: 'it says nothing',
    apply: (body) => ({
      ...present(body),
      messages: arrayOr(body['messages']).map((message) => present(objectOr(message))),
      ...(Array.isArray(body['tools']) && { tools: body['tools'].map(presentTool) }),
    }),
  },
  {
    name: 'the limit is named as its provider names it',
    why: '`max_tokens` and `max_completion_tokens` are one limit',
    apply: ({ max_tokens, max_completion_tokens, ...body }) => {
      const limit = max_completion_tokens ?? max_tokens
      return limit === undefined ? body : { ...body, max_tokens: limit }
    },
  },
  {
    name: 'a plain answer is not asked for',
    why: '`stream: false` is what is meant without it, and options of a stream then mean nothing',
    apply: (body) => (body['stream'] === true ? body : without(body, ['stream', 'stream_options'])),
  },
  {
    name: 'the usage of a stream is asked for',
    why: 'it changes no answer, and what an answer cost is not left open',
    apply: (body) =>
      body['stream'] === true
        ? { ...body, stream_options: { ...objectOr(body['stream_options']), include_usage: true } }
        : body,
  },
  {
    name: 'one stop is a list of one',
    why: 'both mean the same',
    apply: (body) => (typeof body['stop'] === 'string' ? { ...body, stop: [body['stop']] } : body),
  },
  {
    name: 'tools come with a choice',
    why: '`auto` is what is meant without one, and Mistral calls `required` `any`',
    apply: (body) => {
      const { tools, tool_choice: choice = 'auto' } = body
      if (arrayOr(tools).length === 0) return body
      return { ...body, tool_choice: choice === 'any' ? 'required' : choice }
    },
  },
  {
    name: 'a tool has parameters, and no description that is empty',
    why: 'both mean the same',
    apply: (body) =>
      Array.isArray(body['tools']) ? { ...body, tools: body['tools'].map(describedTool) } : body,
  },
  {
    name: 'reasoning is asked for in the words of the provider',
    why: '`reasoning`, `reasoning_effort`, `thinking` and `enable_thinking` are one setting',
    apply: ({ reasoning, reasoning_effort, thinking, enable_thinking, ...body }) => {
      const { effort, enabled } = objectOr(reasoning)
      const { type } = objectOr(thinking)
      const isOn = enable_thinking ?? enabled ?? (type === undefined ? undefined : type === 'enabled')
      const asked = present({ effort: reasoning_effort ?? effort, isOn })
      return Object.keys(asked).length > 0 ? { ...body, reasoning: asked } : body
    },
  },
  {
    name: 'what an assistant thought is said once, in the field of the provider',
    why: '`reasoning` and `reasoning_content` are one text, and `reasoning_details` say it too',
    apply: (body) => ({ ...body, messages: arrayOr(body['messages']).map(saidOnce) }),
  },
]

function present(wire: Unread): Unread {
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== null && value !== undefined))
}

function presentTool(tool: unknown): unknown {
  const { function: inner, ...rest } = objectOr(tool)
  return isObject(inner) ? { ...rest, function: present(inner) } : tool
}

function describedTool(tool: unknown): unknown {
  const { function: inner, ...rest } = objectOr(tool)
  if (!isObject(inner)) return tool
  const { description, parameters = {}, ...fields } = inner
  return { ...rest, function: { ...fields, parameters, ...(description !== '' && { description }) } }
}

function saidOnce(message: unknown): unknown {
  const { reasoning, reasoning_content: content, ...rest } = objectOr(message)
  if (rest['reasoning_details'] !== undefined) return rest
  const said = reasoning ?? content
  return said === undefined ? rest : { ...rest, reasoning: said }
}
