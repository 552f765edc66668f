/** From any dialect to any other: what docs/dialects.md calls carried is carried, and nothing but a WireError is thrown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Answer,
  type AssistantPart,
  type Dialect,
  dialects,
  type Message,
  type ModelRequest,
  textOf,
  WireError,
} from '../../src/index.ts'
import {
  answerTables,
  requestTables,
  through,
  throughPlain,
  throughStream,
} from '../../../../scripts/dialects.ts'
import { isObject } from '../../src/json.ts'
import type { Recording } from '../recordings.ts'
import { textOfBytes } from '../streams.ts'
import { every, law, outcomeOf, some } from './law.ts'

const requestRows = requestTables().flatMap(({ rows }) => rows)
const answerRows = answerTables().flatMap(({ rows }) => rows)

/** Whether a row of the document says `carried` for a dialect. */
function carries({ name }: Dialect, rows: typeof requestRows, wanted: string): boolean {
  const row = rows.find((one) => one.name === wanted)
  assert.ok(row !== undefined, `docs/dialects.md has no row ${wanted}`)
  return row.probed.get(name)?.fate === 'carried'
}

interface Crossing {
  readonly name: string
  readonly from: ModelRequest
  readonly to: Dialect
}

/** Every request that can be read, once for each other dialect. */
function crossings(dialect: Dialect): readonly Crossing[] {
  const seen = new Set<string>()
  return every(dialect).flatMap((recording) => {
    if (seen.has(recording.requestBody)) return []
    seen.add(recording.requestBody)
    const from = read(recording)
    if (from === undefined) return []
    return dialects
      .filter(({ name }) => name !== dialect.name)
      .map((to) => ({ name: `${recording.name} to ${to.name}`, from, to }))
  })
}

law('a request goes to every other dialect, or is refused with a place', crossings, ({ from, to }) => {
  const again = crossed(from, to)
  if (again instanceof WireError) return assert.notEqual(again.path, '', again.message)
  for (const setting of settings) {
    if (from[setting] === undefined || !carries(to, requestRows, setting)) continue
    assert.deepEqual(again[setting], from[setting], setting)
  }
  assert.equal(wordsOf(again.messages, 'system'), wordsOf(from.messages, 'system'), 'the system messages')
  // Where a tool result cannot hold an image, the image follows in a message of its own.
  if (!hasMediaResults(from) || carries(to, requestRows, 'result with an image')) {
    assert.deepEqual(spoken(again.messages), spoken(from.messages), 'the conversation')
  }
  // Where a dialect cannot say that no tool may be called, it is not told of any.
  if (from.toolChoice?.type === 'none' && !carries(to, requestRows, 'toolChoice: none')) return
  assert.deepEqual(toolsOf(again), toolsOf(from), 'the tools')
})

law('what is refused could not have been said', crossings, ({ from, to }) => {
  const again = crossed(from, to)
  if (!(again instanceof WireError)) return
  assert.equal(again.code, 'unsupported', again.message)
  assert.match(again.path, /^(messages|tools|toolChoice|outputFormat|reasoning|stop)\b/, again.message)
})

law('an answer goes to every other dialect, plain and streamed', answered, ({ answer, to }) => {
  for (const [form, pass] of Object.entries({ plain: throughPlain, streamed: throughStream })) {
    const again = pass(to, answer)
    assert.ok(again !== undefined || answer.finishReason === 'error', `${form}: it became a failure`)
    if (again === undefined) continue
    const said = answer.message.content
    assert.equal(textOf(again.message.content).trim(), textOf(said).trim(), `${form}: the text`)
    assert.deepEqual(callsOf(again.message.content), callsOf(said), `${form}: the tool calls`)
    // Some providers say `stop` where tools are called; elsewhere that is `tool-calls`.
    const isCalling = answer.finishReason === 'stop' && again.finishReason === 'tool-calls'
    const isCalled = isCalling && JSON.stringify(callsOf(said)) !== '[]'
    if (!isCalled && carries(to, answerRows, `finishReason: ${answer.finishReason}`)) {
      assert.equal(again.finishReason, answer.finishReason, form)
    }
    // Some servers count what no other can say: reasoning beside the output, more cached tokens than tokens.
    const { usage } = answer
    if (usage === null || usage.reasoningTokens > usage.outputTokens) continue
    if (usage.cachedInputTokens + (usage.cacheWriteTokens ?? 0) > usage.inputTokens) continue
    if (!carries(to, answerRows, 'usage: input and output')) continue
    assert.deepEqual(
      [again.usage?.inputTokens, again.usage?.outputTokens],
      [usage.inputTokens, usage.outputTokens],
      `${form}: the usage`,
    )
  }
})

test('every row of the document has a name of its own', () => {
  for (const rows of [requestRows, answerRows])
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length)
})

/** Settings that are looked at; each has a row of its name. */
const settings = [
  'stream',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'stop',
  'seed',
  'user',
  'metadata',
] as const

function answered(dialect: Dialect): readonly { name: string; answer: Answer; to: Dialect }[] {
  return some(
    every,
    250,
  )(dialect).flatMap((recording) => {
    const answer = outcomeOf(recording)
    if (answer.type === 'failure') return []
    return dialects
      .filter(({ name }) => name !== dialect.name)
      .map((to) => ({ name: `${recording.name} to ${to.name}`, answer, to }))
  })
}

function read({ dialect, request, response }: Recording): ModelRequest | undefined {
  try {
    return dialect.server.decodeRequest(request, response.url)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function crossed(from: ModelRequest, to: Dialect): ModelRequest | WireError {
  try {
    return through(to, from)
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

/** All words of one role. Where texts in parts become one, line breaks may stand between them. */
function wordsOf(messages: readonly Message[], role: Message['role']): string {
  const words = messages.map((message) => (message.role === role ? textOf(message.content) : ''))
  return words.join('').replace(/\s/g, '')
}

/** Who said what, called what and got what, in order: neighbours of one role may become one. */
function spoken(messages: readonly Message[]): unknown {
  const lines: { role: string; said: unknown[]; words: string }[] = []
  for (const { role, content } of messages) {
    if (role === 'system') continue
    const last = lines.at(-1)
    const line = last?.role === role ? last : { role, said: [], words: '' }
    if (line !== last) lines.push(line)
    for (const part of content) {
      line.words += (wordsIn(part) ?? '').replace(/\s/g, '')
      line.said.push(...essence(part))
    }
  }
  return lines.filter(({ said, words }) => said.length > 0 || words !== '')
}

type Part = Message['content'][number]

/** The words of a text, also of one in a file: where there are no files, it becomes text. */
function wordsIn(part: Part): string | undefined {
  if (part.type === 'text') return part.text
  if (part.type !== 'media') return undefined
  if (part.source.type === 'text') return part.source.text
  const isText = part.source.type === 'base64' && part.mediaType.startsWith('text/')
  return isText
    ? textOfBytes(Uint8Array.from(atob(part.source.base64), (letter) => letter.charCodeAt(0)))
    : undefined
}

/** Of a tool call and its result what no dialect may lose. */
function essence(part: Part): unknown[] {
  if (part.type === 'tool-call') return [{ name: part.name, ...inputOf(part) }]
  if (part.type === 'media' && wordsIn(part) === undefined) return [{ media: part.source.type }]
  if (part.type === 'tool-result') return [part.output.map(wordsIn).join('').replace(/\s/g, '')]
  return []
}

/** An input that is no object is wrapped in one where only objects can be said: `{input: …}`. */
function inputOf({ input }: Part & { readonly type: 'tool-call' }): { readonly input?: unknown } {
  return isObject(input) && Object.keys(input).join() !== 'input' ? { input } : {}
}

function callsOf(content: readonly AssistantPart[]): unknown {
  return content.flatMap((part) => (part.type === 'tool-call' ? [{ name: part.name, ...inputOf(part) }] : []))
}

function hasMediaResults({ messages }: ModelRequest): boolean {
  return messages.some(
    ({ role, content }) =>
      role === 'tool' && content.some(({ output }) => output.some(({ type }) => type === 'media')),
  )
}

function toolsOf({ tools = [] }: ModelRequest): unknown {
  return tools.map((tool) =>
    tool.type === 'function' ? [tool.name, tool.description, tool.inputSchema] : tool.definition,
  )
}
