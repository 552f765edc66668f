/** Where a request that is read and written again differs from what was sent, and why it says the same. */
import { isObject, type Unread } from '../../src/json.ts'
import { chatNormalisations } from './chat-normalisations.ts'
import { type Normalisation, stream } from './normalisation.ts'
import {
  asParts,
  camelCased,
  joined,
  on,
  onItems,
  onMessages,
  onParts,
  onlyText,
  textPart,
  ungrouped,
  withArgs,
  withJsonSchema,
  withLoudLevel,
  withoutEmpty,
  withoutEmptyDescription,
  withoutNulls,
} from './reshape.ts'

export const normalisations: Readonly<Record<string, readonly Normalisation[]>> = {
  'openai-chat': chatNormalisations,
  'openai-responses': [
    stream,
    {
      name: '`input` is a list of items',
      why: 'a text alone is one message of the user',
      apply: (body) =>
        typeof body['input'] === 'string'
          ? { ...body, input: [{ role: 'user', content: body['input'] }] }
          : body,
    },
    {
      name: '`type: message` is written beside a role',
      why: 'an item with a role is a message',
      apply: onItems((item) => (item['role'] === undefined ? item : { type: 'message', ...item })),
    },
    {
      name: 'one part of text in a message, or a tool’s output, is the text alone',
      why: 'both are the same to the API',
      apply: onItems((item) => onlyText(onlyText(item, 'input_text'), 'input_text', 'output')),
    },
    {
      name: 'a field of the request that is null is left out',
      why: 'null is no value of any of them',
      apply: withoutNulls,
      example: { model: 'm', input: 'Hi', reasoning: null },
    },
    {
      name: 'empty `logprobs` of a text that goes back are left out',
      why: 'nobody reads them there',
      apply: onItems((item) =>
        onParts(item, ({ logprobs, ...part }) =>
          logprobs === undefined || (Array.isArray(logprobs) && logprobs.length === 0)
            ? part
            : { ...part, logprobs },
        ),
      ),
    },
  ],
  'anthropic-messages': [
    stream,
    {
      name: 'text alone is one part of text: in a message, in `system`, in a tool result',
      why: 'the API calls the one a shorthand for the other',
      apply: (body) => {
        const inner = onMessages((message) =>
          asParts(onParts(message, (part) => (part['type'] === 'tool_result' ? asParts(part) : part))),
        )(body)
        return typeof inner['system'] === 'string' ? { ...inner, system: [textPart(inner['system'])] } : inner
      },
    },
    {
      name: '`is_error: false` is left out',
      why: 'it is the default',
      apply: onMessages((message) =>
        onParts(message, ({ is_error, ...part }) => (is_error === true ? { ...part, is_error } : part)),
      ),
    },
    {
      name: 'an empty description of a tool is left out',
      why: 'it describes nothing',
      apply: (body) => on(body, 'tools', withoutEmptyDescription),
    },
    {
      name: '`caller: {type: direct}` is left out',
      why: 'the model itself is the default, and older hosts do not know the field',
      apply: onMessages((message) =>
        onParts(message, ({ caller, ...part }) =>
          caller === undefined || (isObject(caller) && caller['type'] === 'direct')
            ? part
            : { ...part, caller },
        ),
      ),
      example: {
        model: 'm',
        max_tokens: 1,
        messages: [
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 't', name: 'f', input: {}, caller: { type: 'direct' } }],
          },
        ],
      },
    },
    {
      name: 'messages of one role that follow each other are one, and one without content is none',
      why: 'the API makes one turn of them',
      apply: (body) => joined(body, 'messages', 'content'),
      example: {
        model: 'm',
        max_tokens: 1,
        messages: ['a', 'b'].map((id) => ({
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: 'r' }] }],
        })),
      },
    },
    {
      name: 'a field of the request that is null is left out',
      why: 'null is no value of any of them',
      apply: withoutNulls,
      example: { model: 'm', messages: [], max_tokens: 1, system: null },
    },
  ],
  gemini: [
    {
      name: 'names are written `likeThis`, never `like_this`',
      why: 'JSON of protocol buffers may be written in either',
      apply: (body) => camelCased(body) as Unread,
    },
    {
      name: 'the `role` of `systemInstruction` is left out',
      why: 'it has no meaning there',
      apply: (body) => {
        const { systemInstruction } = body
        if (!isObject(systemInstruction)) return body
        const { role: _role, ...rest } = systemInstruction
        return { ...body, systemInstruction: rest }
      },
    },
    {
      name: 'a content has its role, `user` for a function’s response and where none is said',
      why: 'the API knows two, and `user` is the default',
      apply: (body) =>
        on(body, 'contents', (content) =>
          content['role'] === 'model' ? content : { ...content, role: 'user' },
        ),
      example: { contents: [{ parts: [{ text: 'Hi' }] }] },
    },
    {
      name: 'contents of one role that follow each other are one, and one without parts is none',
      why: 'the model reads them as one turn',
      apply: (body) => joined(body, 'contents', 'parts'),
      example: {
        contents: ['f', 'g'].map((name) => ({
          role: 'user',
          parts: [{ functionResponse: { name, response: { output: 'r' } } }],
        })),
      },
    },
    {
      name: 'an empty `generationConfig` is left out',
      why: 'it sets nothing',
      apply: (body) => withoutEmpty(body, 'generationConfig'),
    },
    {
      name: 'an empty description of a tool is left out',
      why: 'it describes nothing',
      apply: (body) => on(body, 'tools', (tool) => on(tool, 'functionDeclarations', withoutEmptyDescription)),
    },
    {
      name: 'functions and each of Google’s own tools stand in objects of their own',
      why: 'the objects of `tools` only group them',
      apply: ungrouped,
      example: {
        contents: [],
        tools: [{ googleSearch: {}, functionDeclarations: [{ name: 'f', parameters: { type: 'object' } }] }],
      },
    },
    {
      name: 'the `args` of a call are an object, if only an empty one',
      why: 'none and an empty one are the same input',
      apply: withArgs,
      example: {
        contents: [{ role: 'model', parts: [{ functionCall: { id: 'c', name: 'f', args: null } }] }],
      },
    },
    {
      name: '`thinkingLevel` is written in capitals',
      why: 'it is read in either',
      apply: withLoudLevel,
    },
  ],
  'bedrock-converse': [
    {
      name: 'empty `inferenceConfig` and `system` are left out',
      why: 'they say nothing',
      apply: (body) => withoutEmpty(withoutEmpty(body, 'inferenceConfig'), 'system'),
    },
    {
      name: '`reasoning_config` among the fields for Claude is `thinking`',
      why: "AWS's name for the same, from when only Bedrock had it",
      apply: (body) => {
        const { additionalModelRequestFields: fields } = body
        if (!isObject(fields) || fields['reasoning_config'] === undefined) return body
        const { reasoning_config: thinking, ...rest } = fields
        return { ...body, additionalModelRequestFields: { ...rest, thinking } }
      },
    },
  ],
  cohere: [
    { ...stream, example: { model: 'm', messages: [] } },
    {
      name: 'one part of text in a message is the text alone',
      why: 'both are the same to the API',
      apply: onMessages((message) => onlyText(message, 'text')),
    },
    {
      name: 'the content of a message that only calls tools is left out where it is empty or null',
      why: 'it says nothing',
      apply: onMessages(({ content, ...message }) =>
        (content === '' && message['tool_calls'] !== undefined) || content === null || content === undefined
          ? message
          : { ...message, content },
      ),
    },
    {
      name: '`schema` in `response_format` is `json_schema`',
      why: 'it is the older name of the same',
      apply: withJsonSchema,
      example: {
        model: 'm',
        messages: [],
        response_format: { type: 'json_object', schema: { type: 'object' } },
      },
    },
    {
      name: '`tool_choice` is written in capitals',
      why: 'it is read in either',
      apply: (body) =>
        typeof body['tool_choice'] === 'string'
          ? { ...body, tool_choice: body['tool_choice'].toUpperCase() }
          : body,
    },
  ],
  ollama: [
    {
      name: '`stream: true` is left out',
      why: 'it is the default',
      apply: ({ stream, ...body }) => (stream === false ? { ...body, stream } : body),
      example: { model: 'm', messages: [] },
    },
    {
      name: 'a message always has its `content`, if only an empty one',
      why: 'none and an empty one are the same to the server',
      apply: onMessages((message) => ({ content: '', ...message })),
    },
  ],
}
