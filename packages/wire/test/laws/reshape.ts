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
