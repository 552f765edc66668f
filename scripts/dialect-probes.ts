/** What a dialect may carry: each row is the smallest request or answer that has it, and one that has not. */
import {
  type Answer,
  type AssistantPart,
  type Message,
  type ModelRequest,
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

const asked: Message = { role: 'user', content: [text('Hi')] }
const base: ModelRequest = { model: 'model', messages: [asked], stream: false }
const tool = {
  type: 'function',
  name: 'add',
  description: 'Adds',
  inputSchema: { type: 'object', properties: {} },
} as const
const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
} as const
const format = { type: 'json-schema', name: '', schema } as const
const call = { type: 'tool-call', id: 'call_1', name: 'add', input: { a: 2 }, inputText: '{"a":2}' } as const
const result = {
  type: 'tool-result',
  id: 'call_1',
  name: 'add',
  output: [text('5')],
  isError: false,
} as const
const png = { type: 'base64', base64: 'iVBORw0KGgo=' } as const
const cache = {} as const

export const requestSections: readonly Section<RequestProbe>[] = [
  {
    title: 'Settings',
    probes: [
      setting('stream', { stream: true }),
      setting('maxOutputTokens', { maxOutputTokens: 100 }),
      setting('temperature', { temperature: 0.5 }),
      setting('topP', { topP: 0.5 }),
      setting('topK', { topK: 5 }),
      setting('frequencyPenalty', { frequencyPenalty: 0.5 }),
      setting('presencePenalty', { presencePenalty: 0.5 }),
      setting('stop', { stop: ['END'] }),
      setting('seed', { seed: 7 }),
      setting('logprobs', { logprobs: 2 }),
      setting('user', { user: 'u-1' }),
      setting('metadata', { metadata: { team: 'blue' } }),
      setting('outputFormat: text', { outputFormat: { type: 'text' } }),
      setting('outputFormat: json', { outputFormat: { type: 'json' } }),
      setting('outputFormat: json-schema', { outputFormat: format }),
      deeper('outputFormat.name', { outputFormat: { ...format, name: 'reply' } }, { outputFormat: format }),
      deeper(
        'outputFormat.description',
        { outputFormat: { ...format, description: 'What' } },
        { outputFormat: format },
      ),
      deeper('outputFormat.strict', { outputFormat: { ...format, strict: true } }, { outputFormat: format }),
      setting('reasoning.isEnabled: true', { reasoning: { isEnabled: true } }),
      setting('reasoning.isEnabled: false', { reasoning: { isEnabled: false } }),
      setting('reasoning.effort', { reasoning: { effort: 'high' } }),
      setting('reasoning.budget', { reasoning: { budget: 2048 }, maxOutputTokens: 8000 }),
      setting('reasoning.isShown', { reasoning: { effort: 'high', isShown: true } }),
    ],
  },
  {
    title: 'Tools',
    probes: [
      setting('tools', { tools: [tool] }),
      setting('several tools', { tools: [tool, { ...tool, name: 'multiply' }] }),
      deeper('tool.strict', { tools: [{ ...tool, strict: true }] }, { tools: [tool] }),
      choice('auto', { type: 'auto' }),
      choice('none', { type: 'none' }),
      choice('required', { type: 'required' }),
      choice('tool', { type: 'tool', name: 'add' }),
      deeper('parallelToolCalls: false', { tools: [tool], parallelToolCalls: false }, { tools: [tool] }),
      setting('provider tool of another dialect', {
        tools: [tool, { type: 'provider', dialect: 'elsewhere', definition: { type: 'web_search' } }],
      }),
    ],
  },
  {
    title: 'Messages',
    probes: [
      conversation('system message', { role: 'system', content: [text('Be brief')] }, asked),
      conversation(
        'system message later on',
        asked,
        { role: 'assistant', content: [text('Hello')] },
        { role: 'system', content: [text('Be brief')] },
        asked,
      ),
      lookAt(
        'developer message',
        [{ role: 'system', content: [text('Be brief')], isDeveloper: true }, asked],
        [{ role: 'system', content: [text('Be brief')] }, asked],
      ),
      conversation(
        'system message in parts',
        { role: 'system', content: [text('Be brief'), text('and kind')] },
        asked,
      ),
      conversation('user message in parts', { role: 'user', content: [text('Hi'), text('there')] }),
      conversation('user messages in a row', asked, asked),
      history('assistant text', text('Hello')),
      history('assistant text in parts', text('Hello'), text('there')),
      history('text with a citation', {
        ...text('Hello'),
        citations: [{ url: 'https://example.com/', title: 'Example', quote: 'Hello' }],
      }),
      history('reasoning without a signature', { type: 'reasoning', text: 'Hm' }, text('Hello')),
      lookAt(
        'signature of another dialect',
        around({ type: 'reasoning', text: 'Hm', data: { elsewhere: { signature: 'x' } } }, text('Hello')),
        around({ type: 'reasoning', text: 'Hm' }, text('Hello')),
      ),
      history('assistant image', { type: 'media', mediaType: 'image/png', source: png }, text('Hello')),
      history(
        'provider call and result of another dialect',
        { type: 'provider-call', id: 'c', name: 'web_search', input: {}, data: { elsewhere: {} } },
        {
          type: 'provider-result',
          id: 'c',
          name: 'web_search',
          output: [],
          isError: false,
          data: { elsewhere: {} },
        },
        text('Hello'),
      ),
    ],
  },
  {
    title: 'Tool calls and results',
    probes: [
      called('call and result', [call], [result]),
      called('parallel calls', [call, { ...call, id: 'call_2' }], [result, { ...result, id: 'call_2' }]),
      lookAt(
        'id of a call',
        toolsOf([call], [result]),
        toolsOf([{ ...call, id: 'x' }], [{ ...result, id: 'x' }]),
        idsOf,
      ),
      lookAt(
        'input byte for byte',
        toolsOf([{ ...call, inputText: '{ "a": 2 }' }], [result]),
        toolsOf([call], [result]),
        inputsOf,
      ),
      lookAt(
        'input that is not JSON',
        toolsOf([{ ...call, input: undefined, inputText: '{"a":' }], [result]),
        toolsOf([call], [result]),
        inputsOf,
      ),
      lookAt(
        'input that is no object',
        toolsOf([{ ...call, input: [2], inputText: '[2]' }], [result]),
        toolsOf([call], [result]),
        inputsOf,
      ),
      lookAt(
        'name in a result',
        toolsOf([call], [result]),
        toolsOf([call], [{ ...result, name: '' }]),
        namesOf,
      ),
      called('result in parts', [call], [{ ...result, output: [text('5'), text('five')] }]),
      called('result that is an error', [call], [{ ...result, isError: true }], [result]),
      called('result without output', [call], [{ ...result, output: [] }]),
      called(
        'result with an image',
        [call],
        [{ ...result, output: [text('see'), { type: 'media', mediaType: 'image/png', source: png }] }],
      ),
      called(
        'result with a PDF',
        [call],
        [
          {
            ...result,
            output: [{ type: 'media', mediaType: 'application/pdf', source: png, name: 'a.pdf' }],
          },
        ],
      ),
    ],
  },
  {
    title: 'Media in a user message',
    probes: [
      media('image', 'image/png', png),
      media('image by URL', 'image/*', { type: 'url', url: 'https://example.com/a.png' }),
      media('image.detail', 'image/png', png, { detail: 'low' }, {}),
      media('PDF', 'application/pdf', png, { name: 'a.pdf' }),
      media('name of a PDF', 'application/pdf', png, { name: 'a.pdf' }, { name: 'b.pdf' }),
      media('PDF by URL', 'application/pdf', { type: 'url', url: 'https://example.com/a.pdf' }),
      media('text file', 'text/plain', { type: 'text', text: 'Words' }, { name: 'a.txt' }),
      media('audio', 'audio/wav', png),
      media('audio by URL', 'audio/wav', { type: 'url', url: 'https://example.com/a.wav' }),
      media('video', 'video/mp4', png),
      media('video by URL', 'video/mp4', { type: 'url', url: 'https://example.com/a.mp4' }),
      media('file that the provider keeps', 'application/pdf', { type: 'file', id: 'file_1' }),
    ],
  },
  {
    title: 'Cache breakpoints',
    probes: [
      lookAt('on text', [{ role: 'user', content: [{ ...text('Hi'), cache }] }], [asked], cachesOf),
      lookAt(
        'on a system message',
        [{ role: 'system', content: [{ ...text('Be brief'), cache }] }, asked],
        [{ role: 'system', content: [text('Be brief')] }, asked],
        cachesOf,
      ),
      {
        ...media('on an image', 'image/png', png, { cache }, {}),
        look: ({ messages }) => cachesOf(messages),
      },
      lookAt('on a tool call', toolsOf([{ ...call, cache }], [result]), toolsOf([call], [result]), cachesOf),
      lookAt(
        'on a tool result',
        toolsOf([call], [{ ...result, cache }]),
        toolsOf([call], [result]),
        cachesOf,
      ),
      deeper('on a tool', { tools: [{ ...tool, cache }] }, { tools: [tool] }),
      lookAt(
        'ttl of a breakpoint',
        [{ role: 'user', content: [{ ...text('Hi'), cache: { ttl: '1h' } }] }],
        [{ role: 'user', content: [{ ...text('Hi'), cache }] }],
        cachesOf,
      ),
    ],
  },
]

function setting(name: string, fields: Partial<ModelRequest>): RequestProbe {
  return deeper(name, fields, {})
}

/** Looks at the same fields of a request as it gives. */
function deeper(name: string, fields: Partial<ModelRequest>, without: Partial<ModelRequest>): RequestProbe {
  const names = Object.keys(fields) as (keyof ModelRequest)[]
  return {
    name,
    request: { ...base, ...fields },
    without: { ...base, ...without },
    look: (request) => names.map((key) => request[key]),
  }
}

function choice(name: string, toolChoice: ModelRequest['toolChoice'] & {}): RequestProbe {
  return deeper(`toolChoice: ${name}`, { tools: [tool], toolChoice }, { tools: [tool] })
}

function conversation(name: string, ...messages: readonly Message[]): RequestProbe {
  return lookAt(name, messages, [asked])
}

/** What the model said before, between two questions. */
function history(name: string, ...content: readonly AssistantPart[]): RequestProbe {
  return lookAt(name, around(...content), around(...content.slice(-1)))
}

function around(...content: readonly AssistantPart[]): Message[] {
  return [asked, { role: 'assistant', content }, asked]
}

/** Where the breakpoints stand. */
function cachesOf(messages: readonly Message[]): unknown {
  return messages.map(({ content }) => content.map((part) => ('cache' in part ? part.cache : undefined)))
}

type Call = AssistantPart & { readonly type: 'tool-call' }
type Result = (Message & { readonly role: 'tool' })['content'][number]

function called(
  name: string,
  calls: readonly Call[],
  results: readonly Result[],
  without?: readonly Result[],
): RequestProbe {
  const other = without === undefined ? [asked] : toolsOf(calls, without)
  return lookAt(name, toolsOf(calls, results), other, (messages) => messages.map(withoutNames))
}

function toolsOf(calls: readonly Call[], content: readonly Result[]): Message[] {
  return [asked, { role: 'assistant', content: calls }, { role: 'tool', content }]
}

/** Ids and the names in results have rows of their own. */
function withoutNames(message: Message): unknown {
  const strip = (part: object): object => {
    const { id: _id, ...rest } = part as { id?: string }
    return 'output' in rest ? { ...rest, name: '' } : { ...rest }
  }
  return { ...message, content: message.content.map(strip) }
}

function idsOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) => content.flatMap((part) => ('id' in part ? [part.id] : [])))
}

function inputsOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-call' ? [part.inputText] : [])),
  )
}

function namesOf(messages: readonly Message[]): unknown {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'tool-result' ? [part.name] : [])),
  )
}

function media(
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
  return lookAt(name, see(more), less === undefined ? [asked] : see(less))
}

function lookAt(
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
