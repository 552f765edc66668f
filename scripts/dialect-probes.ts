/** Ways to ask what a dialect carries: the smallest request or answer that has a thing, and one that has not. */
import {
  type Answer,
  type AssistantPart,
  type Message,
  type ModelRequest,
  type ReasoningSettings,
  text,
} from '../packages/wire/src/index.ts'

/** Something that a request may say. */
export interface RequestProbe {
  readonly name: string
  readonly request: ModelRequest
  /** The same without it. */
  readonly without: ModelRequest
  /** The part of a request that is looked at: equal before and after, it was carried. */
  look(request: ModelRequest): unknown
  /** What is shown of it where it became something else; what is looked at when absent. */
  show?(request: ModelRequest): unknown
}

/** Something that an answer may say. */
export interface AnswerProbe {
  readonly name: string
  readonly answer: Answer
  /** The same without it. */
  readonly without: Answer
  look(answer: Answer): unknown
}

export interface Section<Probe> {
  readonly title: string
  readonly probes: readonly Probe[]
}

export const asked: Message = { role: 'user', content: [text('Hi')] }
export const base: ModelRequest = { model: 'model', messages: [asked], stream: false }
export const tool = {
  type: 'function',
  name: 'add',
  description: 'Adds',
  inputSchema: { type: 'object', properties: {} },
} as const
export const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
} as const
export const format = { type: 'json-schema', name: '', schema } as const
export const call = {
  type: 'tool-call',
  id: 'call_1',
  name: 'add',
  input: { a: 2 },
  inputText: '{"a":2}',
} as const
export const result = {
  type: 'tool-result',
  id: 'call_1',
  name: 'add',
  output: [text('5')],
  isError: false,
} as const
export const png = { type: 'base64', base64: 'iVBORw0KGgo=' } as const
export const cache = {} as const

export function setting(name: string, fields: Partial<ModelRequest>): RequestProbe {
  return deeper(name, fields, {})
}

export function ofFormat(name: 'name' | 'description' | 'strict', value: string | boolean): RequestProbe {
  const outputFormat = { ...format, [name]: value }
  const probe = deeper(`outputFormat.${name}`, { outputFormat }, { outputFormat: format })
  return { ...probe, look: (request) => pick(request.outputFormat, name) }
}

export function ofReasoning(name: string, reasoning: ReasoningSettings): RequestProbe {
  const limit = { maxOutputTokens: 8000 }
  const [key = ''] = Object.keys(reasoning)
  return {
    ...deeper(`reasoning.${name}`, { ...limit, reasoning }, limit),
    look: (request) => pick(request.reasoning, key),
    show: (request) => request.reasoning,
  }
}

export function pick(value: object | undefined, ...names: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => names.includes(name)))
}

/** Looks at the same fields of a request as it gives. */
export function deeper(
  name: string,
  fields: Partial<ModelRequest>,
  without: Partial<ModelRequest>,
): RequestProbe {
  const names = Object.keys(fields) as (keyof ModelRequest)[]
  return {
    name,
    request: { ...base, ...fields },
    without: { ...base, ...without },
    look: (request) => names.map((key) => request[key]),
  }
}

export function choice(name: string, toolChoice: ModelRequest['toolChoice'] & {}): RequestProbe {
  const probe = deeper(`toolChoice: ${name}`, { tools: [tool], toolChoice }, { tools: [tool] })
  return {
    ...probe,
    look: (request) => request.toolChoice,
    show: ({ toolChoice, tools }) => toolChoice ?? (tools === undefined ? 'no tools' : 'the default'),
  }
}

/** Whether a tool is strict has a row of its own. */
export function toolsIn({ tools = [] }: ModelRequest): unknown {
  return tools.map((one) => (one.type === 'function' ? pick(one, 'name', 'description', 'inputSchema') : one))
}

export function conversation(name: string, ...messages: readonly Message[]): RequestProbe {
  return lookAt(name, messages, [asked])
}

/** What the model said before, between two questions. */
export function history(name: string, ...content: readonly AssistantPart[]): RequestProbe {
  return lookAt(name, around(...content), around(...content.slice(-1)))
}

export function around(...content: readonly AssistantPart[]): Message[] {
  return [asked, { role: 'assistant', content }, asked]
}

/** Where the breakpoints stand. */
export function cachesOf(messages: readonly Message[]): unknown {
  return messages.map(({ content }) => content.map((part) => ('cache' in part ? part.cache : undefined)))
}

type Call = AssistantPart & { readonly type: 'tool-call' }
type Result = (Message & { readonly role: 'tool' })['content'][number]

export function called(
  name: string,
  calls: readonly Call[],
  results: readonly Result[],
  without?: readonly Result[],
): RequestProbe {
  const other = without === undefined ? [asked] : toolsOf(calls, without)
  return lookAt(name, toolsOf(calls, results), other, (messages) => messages.map(withoutNames))
}

export function toolsOf(calls: readonly Call[], content: readonly Result[]): Message[] {
  return [asked, { role: 'assistant', content: calls }, { role: 'tool', content }]
}

/** Ids and the names in results have rows of their own. */
export function withoutNames(message: Message): unknown {
  return { ...message, content: message.content.map(withoutId) }
}

/** The names of files have a row of their own: some dialects make one up. */
export function withoutFileNames(message: Message): unknown {
  return { ...message, content: message.content.map(withoutName) }
}

export function idsOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) => content.flatMap((part) => ('id' in part ? [part.id] : [])))
}

export function inputsOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-call' ? [part.inputText] : [])),
  )
}

export function namesOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-result' ? [part.name] : [])),
  )
}

export function media(
  name: string,
  mediaType: string,
  source: (AssistantPart & { readonly type: 'media' })['source'],
  more: object = {},
  less?: object,
): RequestProbe {
  const part = { type: 'media', mediaType, source } as const
  const see = (fields: object): Message[] => [
    { role: 'user', content: [text('See'), { ...part, ...fields }] },
  ]
  return lookAt(name, see(more), less === undefined ? [asked] : see(less), (messages) =>
    messages.map(withoutFileNames),
  )
}

export function lookAt(
  name: string,
  messages: readonly Message[],
  without: readonly Message[],
  look: (messages: readonly Message[]) => unknown = (all) => all,
): RequestProbe {
  return {
    name,
    request: { ...base, messages },
    without: { ...base, messages: without },
    look: (request) => look(request.messages),
  }
}

function withoutId(part: object): object {
  const { id: _id, ...rest } = part as { readonly id?: string }
  return 'output' in rest ? { ...rest, name: '' } : rest
}

function withoutName({ name: _name, ...part }: { readonly name?: string }): object {
  return part
}
