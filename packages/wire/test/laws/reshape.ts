/** What the normalisations do to a request's body. */
import { isObject, type Unread } from '../../src/json.ts'

export function on(body: Unread, key: string, change: (element: Unread) => Unread): Unread {
  const list = body[key]
  if (!Array.isArray(list)) return body
  return { ...body, [key]: list.map((one: unknown) => (isObject(one) ? change(one) : one)) }
}

export function onMessages(change: (message: Unread) => Unread): (body: Unread) => Unread {
  return (body) => on(body, 'messages', change)
}

export function onItems(change: (item: Unread) => Unread): (body: Unread) => Unread {
  return (body) => on(body, 'input', change)
}

export function onParts(message: Unread, change: (part: Unread) => Unread): Unread {
  return on(message, 'content', change)
}

/** One part that is nothing but a text, as that text. */
export function onlyText(message: Unread, type: string, key = 'content'): Unread {
  const { [key]: content } = message
  if (!Array.isArray(content) || content.length !== 1) return message
  const [part] = content as unknown[]
  const isPlain = isObject(part) && part['type'] === type && Object.keys(part).length === 2
  return isPlain ? { ...message, [key]: part['text'] } : message
}

/** With one message in place of several that have nothing but the same role and some parts. */
export function joined(body: Unread, key: string, parts: string): Unread {
  const messages: Unread[] = []
  for (const message of Array.isArray(body[key]) ? (body[key] as unknown[]) : []) {
    if (!isObject(message)) return body
    const last = messages.at(-1)
    const [before, more] = [last?.[parts], message[parts] ?? []]
    const isPlain = [last, message].every((one) => one !== undefined && Object.keys(one).length <= 2)
    if (!Array.isArray(more)) return body
    if (isPlain && Array.isArray(before) && last?.['role'] === message['role'])
      messages[messages.length - 1] = { ...last, [parts]: [...(before as unknown[]), ...(more as unknown[])] }
    else if (more.length > 0) messages.push(message)
  }
  return { ...body, [key]: messages }
}

export function asParts(message: Unread): Unread {
  const { content } = message
  return typeof content === 'string'
    ? { ...message, content: content === '' ? [] : [textPart(content)] }
    : message
}

export function textPart(text: string): Unread {
  return { type: 'text', text }
}

export function withoutNulls(object: Unread): Unread {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

export function withoutEmpty(body: Unread, key: string): Unread {
  const { [key]: value, ...rest } = body
  const isEmpty =
    value === undefined || (isObject(value) || Array.isArray(value) ? Object.keys(value).length === 0 : false)
  return isEmpty ? rest : body
}

/** With tools, calls and results in place of the functions that chat completions once had. */
export function withoutFunctions(body: Unread): Unread {
  const { functions, function_call: choice, ...rest } = body
  let id = ''
  const messages = (Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : []).map(
    (message, index) => {
      if (!isObject(message)) return message
      const { function_call: call, ...fields } = message
      if (message['role'] === 'function') return { ...fields, role: 'tool', tool_call_id: id }
      if (!isObject(call)) return message
      id = `call_${index}`
      return { ...fields, tool_calls: [{ id, type: 'function', function: call }] }
    },
  )
  return {
    ...rest,
    ...(messages.length > 0 && { messages }),
    ...(Array.isArray(functions) && {
      tools: functions.map((declared: unknown) => ({ type: 'function', function: declared })),
    }),
    ...(choice !== undefined && {
      tool_choice: isObject(choice) ? { type: 'function', function: choice } : choice,
    }),
  }
}

export function withoutEmptyDescription({ description, ...tool }: Unread): Unread {
  return description === '' || description === undefined ? tool : { ...tool, description }
}

/** Names of fields; those of the caller's own stay as they are: tools' inputs, schemas, results. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (!isObject(value)) return value
  const own = new Set([
    'args',
    'response',
    'parameters',
    'parametersJsonSchema',
    'responseSchema',
    'responseJsonSchema',
  ])
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replace(/_([a-z])/g, (_whole, letter: string) => letter.toUpperCase())
      return [name, own.has(name) ? inner : camelCased(inner)]
    }),
  )
}

/** Each field of one of Gemini's tools as a tool of its own. */
export function ungrouped(body: Unread): Unread {
  const { tools } = body
  if (!Array.isArray(tools)) return body
  const fields = (tools as unknown[]).flatMap((tool) => (isObject(tool) ? Object.entries(tool) : []))
  return { ...body, tools: fields.map(([name, definition]) => ({ [name]: definition })) }
}

/** Gemini's calls with their input, if only an empty one. */
export function withArgs(body: Unread): Unread {
  return on(body, 'contents', (content) =>
    on(content, 'parts', (part) => {
      const { functionCall: call } = part
      return isObject(call) ? { ...part, functionCall: { ...call, args: call['args'] ?? {} } } : part
    }),
  )
}

/** Cohere's format with the newer name of its schema. */
export function withJsonSchema(body: Unread): Unread {
  const { response_format: format } = body
  if (!isObject(format) || format['schema'] === undefined) return body
  const { schema, ...rest } = format
  return { ...body, response_format: { json_schema: schema, ...rest } }
}

/** Gemini's thinking level in capitals. */
export function withLoudLevel(body: Unread): Unread {
  const { generationConfig: config } = body
  const thinking = isObject(config) ? config['thinkingConfig'] : undefined
  if (!isObject(config) || !isObject(thinking) || typeof thinking['thinkingLevel'] !== 'string') return body
  const thinkingConfig = { ...thinking, thinkingLevel: thinking['thinkingLevel'].toUpperCase() }
  return { ...body, generationConfig: { ...config, thinkingConfig } }
}
