/** Every server half writes tool inputs as they come, and loses nothing of what comes in an order of its own. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  array,
  assert as holds,
  type Arbitrary,
  constantFrom,
  nat,
  oneof,
  property,
  record,
} from 'fast-check'
import {
  type Answer,
  type AssistantPart,
  custom,
  type Dialect,
  dialects,
  failure,
  type StreamEvent,
  textOf,
} from '../src/index.ts'
import { AnswerBuilder, type OpenCall } from '../src/answer-builder.ts'

const head = { id: 'gen-1', model: 'm', created: 5 }

/** Gemini and Ollama have whole inputs only. */
const live = dialects.filter(({ name }) => name !== 'gemini' && name !== 'ollama')

/** What each event says once it was written and read again. */
function passed({ client, server }: Dialect, events: readonly StreamEvent[]): StreamEvent[][] {
  const encoder = server.encodeStream(head)
  const decoder = client.decodeStream(custom)
  const each = events.map((event) => [...decoder.push(encoder.push(event))])
  return [...each, [...decoder.end()]]
}

/** The inputs that a reader has seen, by call. */
function inputsIn(events: readonly StreamEvent[]): string[] {
  const inputs: string[] = []
  for (const event of events)
    if (event.type === 'tool-input') inputs[event.index] = (inputs[event.index] ?? '') + event.text
  return inputs
}

/** What a builder says when it is told these things. */
function said(...tell: readonly ((builder: AnswerBuilder) => void)[]): StreamEvent[] {
  const builder = new AnswerBuilder()
  for (const one of tell) one(builder)
  if (!builder.isOver) builder.finish(builder.hasCalls ? 'tool-calls' : 'stop')
  return [...builder.takeEvents()]
}

/** Opens a call whose id comes when it is told. */
function late(): Record<'open' | 'name' | 'begin' | 'end', (builder: AnswerBuilder) => void> {
  let call: OpenCall | undefined
  const known = (): OpenCall => call ?? assert.fail('it is not open')
  return {
    open: (builder) => void (call = builder.openCall('', 'f')),
    name: () => void (known().id = 'late'),
    begin: (builder) => builder.addInput(known(), '{"a"'),
    end: (builder) => builder.addInput(known(), ':1}'),
  }
}

const text = (words: string) => (builder: AnswerBuilder) => builder.addText(words)

const called =
  (...pieces: string[]) =>
  (builder: AnswerBuilder): void => {
    const call = builder.openCall(`c${pieces.length}`, 'f')
    for (const piece of pieces) builder.addInput(call, piece)
  }

for (const dialect of live) {
  describe(dialect.name, () => {
    test('each piece of an input is written when it comes', () => {
      const events = said((builder) => {
        const call = builder.openCall('a', 'f')
        for (const piece of ['{"a', '": ', '1}']) builder.addInput(call, piece)
        const other = builder.openCall('b', 'g', undefined, '{"b":')
        builder.addInput(other, '2}')
      })
      const pieces = passed(dialect, events).map((each) =>
        each.flatMap((event) => (event.type === 'tool-input' && event.text !== '' ? [event.text] : [])),
      )
      assert.deepEqual(pieces.slice(0, 6), [[], ['{"a'], ['": '], ['1}'], ['{"b":'], ['2}']])
    })

    test('a call whose id comes late begins with it, with all that had come', () => {
      const { open, begin, name, end } = late()
      const each = passed(dialect, said(open, begin, name, end))
      assert.deepEqual(inputsIn(each.slice(0, 2).flat()), [])
      assert.deepEqual(inputsIn(each.slice(0, 3).flat()), ['{"a":1}'])
      assert.equal(callsOf(answerOf(each)).at(0)?.[0], 'late')
    })

    test('so does a call whose name comes late', () => {
      let call: OpenCall | undefined
      const events = said(
        (builder) => void (call = builder.openCall('a', '', undefined, '{')),
        (builder) => {
          if (call === undefined) return
          call.name = 'f'
          builder.addInput(call, '}')
        },
      )
      assert.deepEqual(callsOf(answerOf(passed(dialect, events))), [['a', 'f', '{}']])
    })

    test('a call that never gets an id is written whole', () => {
      const { open, begin, end } = late()
      const each = passed(dialect, said(open, begin, end))
      assert.deepEqual(callsOf(answerOf(each)), [['call_0', 'f', '{"a":1}']])
    })

    test('many that wait take no more time each than few', () => {
      const count = 20_000
      const each = Array.from({ length: count }, () => late())
      const events = said((builder) => {
        for (const { open, begin } of each) {
          open(builder)
          begin(builder)
          builder.addReasoning('Hm')
        }
        for (const { name, end } of each) {
          name(builder)
          end(builder)
        }
      })
      assert.equal(callsOf(answerOf(passed(dialect, events))).length, count)
    })

    test('text behind a call that is whole does not wait', () => {
      const each = passed(
        dialect,
        said((builder) => builder.addCall('a', 'f', '{"a":"}"}'), text('Hi')),
      )
      assert.equal(
        each[1]?.some((event) => event.type === 'text' && event.text === 'Hi'),
        true,
      )
    })

    test('no input is an empty object', () => {
      const answer = answerOf(passed(dialect, said(called(), called(' '), called('{', '}'))))
      assert.deepEqual(
        callsOf(answer).map(([, , input]) => input),
        ['{}', '{}', '{}'],
      )
    })

    test('a call that breaks off is never said to be whole', () => {
      const events = said(
        text('Hi'),
        (builder) => void builder.openCall('a', 'f', undefined, '{"a":1}'),
        (builder) => void builder.openCall('b', 'f', undefined, '{"b":'),
        text('there'),
        (builder) => void builder.fail(failure('overloaded', 'Busy')),
      )
      const each = passed(dialect, events)
      const last = each.flat().at(-1)
      assert.ok(last?.type === 'error', last?.type)
      assert.ok(last.failure.retryable)
      assert.match(textOf(last.failure.partial?.content ?? []), /^Hi/)
      const [, behind] = bytesOf(dialect, events).split('{\\"b\\":')
      assert.doesNotMatch(behind ?? assert.fail('it is not there'), ends)
    })

    test('whatever comes in whatever order, the answer is the same', () => {
      holds(
        property(array(step, { maxLength: 30 }), (steps) => {
          const events = eventsOf(steps)
          const wanted = answerOf([events])
          const again = answerOf(passed(dialect, events))
          assert.deepEqual(callsOf(again), callsOf(wanted))
          assert.deepEqual(textOf(again.message.content), textOf(wanted.message.content))
          if (dialect.name === 'openai-chat') return
          assert.deepEqual(again.message.content.map(kindOf), wanted.message.content.map(kindOf))
        }),
      )
    })
  })
}

/** What ends a call. */
const ends = /content_block_stop|contentBlockStop|function_call_arguments\.done|tool-call-end/

function bytesOf({ server }: Dialect, events: readonly StreamEvent[]): string {
  const encoder = server.encodeStream(head)
  const utf8 = new TextDecoder('utf-8', { fatal: false })
  return events.map((event) => utf8.decode(encoder.push(event))).join('')
}

function answerOf(each: readonly (readonly StreamEvent[])[]): Answer {
  const last = each.flat().at(-1)
  assert.ok(last?.type === 'finish', JSON.stringify(last))
  return last.answer
}

function callsOf({ message }: Answer): [id: string, name: string, inputText: string][] {
  return message.content.flatMap((part) =>
    part.type === 'tool-call' ? [[part.id, part.name, part.inputText]] : [],
  )
}

function kindOf(part: AssistantPart): string {
  return part.type === 'tool-call' ? part.id : part.type
}

/** A step: text, or the next piece of one of three calls; a call's id comes with its nth piece, or never. */
type Step =
  | { readonly call: number; readonly nth: number; readonly tail: string }
  | { readonly words: string }

const step: Arbitrary<Step> = oneof(
  record({ words: constantFrom('Hi', ' ', '{}') }),
  record({ call: nat(2), nth: nat(3), tail: constantFrom('', '{}', '"}"', '[1]') }),
)

/** Inputs are pieces of an object: what a model writes. */
function eventsOf(steps: readonly Step[]): StreamEvent[] {
  const builder = new AnswerBuilder()
  const calls = new Map<
    number,
    { readonly open: OpenCall; readonly pieces: string[]; readonly nth: number }
  >()
  for (const one of steps) {
    if ('words' in one) builder.addText(one.words)
    else {
      const known = calls.get(one.call)
      const value = one.tail === '' ? [] : ['{"a', `":${one.tail.replace('{}', '{"}":1}')}`, '}', ' ']
      const call = known ?? {
        open: builder.openCall(one.nth === 0 ? `id${one.call}` : '', 'f'),
        pieces: value,
        nth: one.nth,
      }
      calls.set(one.call, call)
      if (call.nth > 0 && one.nth >= call.nth) call.open.id = `id${one.call}`
      builder.addInput(call.open, call.pieces.shift() ?? '')
    }
  }
  for (const { open, pieces } of calls.values()) for (const piece of pieces) builder.addInput(open, piece)
  builder.finish('tool-calls')
  return [...builder.takeEvents()]
}
