/** Where a request for a chat completion that is read and written again differs from what was sent. */
import { type Normalisation, stream } from './normalisation.ts'
import { onMessages, withoutFunctions, withoutNulls } from './reshape.ts'

export const chatNormalisations: readonly Normalisation[] = [
  stream,
  {
    name: '`max_tokens` and `max_completion_tokens` are one',
    why: 'which of them a request has depends on the provider that it goes to',
    apply: ({ max_completion_tokens: limit, ...body }) =>
      limit === undefined ? body : { ...body, max_tokens: limit },
  },
  {
    name: 'a stream is asked to report its usage (`stream_options.include_usage`)',
    why: 'the answer is the same, and what it took is known',
    apply: (body) => (body['stream'] === true ? { ...body, stream_options: { include_usage: true } } : body),
  },
  {
    name: '`functions`, `function_call` and the role `function` are tools, calls and results',
    why: 'they are the older names of the same; ids, which they lacked, are made up',
    apply: withoutFunctions,
    example: {
      model: 'm',
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '5' },
      ],
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    },
  },
  {
    name: '`tool_choice` is written where there are tools',
    why: '`auto` is the default',
    apply: (body) => (Array.isArray(body['tools']) ? { tool_choice: 'auto', ...body } : body),
  },
  {
    name: 'the choice `any` is written `required`',
    why: 'Mistral takes both words for the same',
    apply: (body) => (body['tool_choice'] === 'any' ? { ...body, tool_choice: 'required' } : body),
    example: {
      model: 'm',
      messages: [],
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'any',
    },
  },
  {
    name: '`stop` is a list',
    why: 'a word alone is a list of one',
    apply: (body) => (typeof body['stop'] === 'string' ? { ...body, stop: [body['stop']] } : body),
  },
  {
    name: "a message's `reasoning` is left out beside `reasoning_details` or `reasoning_content`",
    why: 'they are the same words twice',
    apply: onMessages(({ reasoning, ...message }) =>
      reasoning === undefined || ['reasoning_details', 'reasoning_content'].some((name) => name in message)
        ? message
        : { ...message, reasoning },
    ),
  },
  {
    name: 'a field of the request or of a message that is null is left out',
    why: 'null is no value of any of them',
    apply: (body) => withoutNulls(onMessages(withoutNulls)(body)),
  },
]
