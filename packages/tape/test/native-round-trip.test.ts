/** What goes onto a native tape comes back the same. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { corporaFiles } from '../../../test/corpora.ts'
import { yamlV3Style } from '../src/go-vcr/format.ts'
import { readGoVcr } from '../src/go-vcr/read.ts'
import { writeGoVcr } from '../src/go-vcr/write.ts'
import { bytesOf } from '../src/http.ts'
import type { Interaction } from '../src/interaction.ts'
import { digest, strictMatcher } from '../src/match.ts'
import { MemoryCassette } from '../src/memory-cassette.ts'
import { writeNativeTape, writeTakes } from '../src/native/copy.ts'
import { openNativeTape } from '../src/native/read.ts'
import { nativeJournal } from '../src/native/write.ts'
import { digestsOf } from './cassettes.ts'
import { anyExchange } from './native-exchanges.ts'
import {
  ask,
  exchange,
  factsOf,
  interactionOf,
  interleaved,
  matcher,
  newTape,
  openJournal,
  readAll,
  recordAll,
} from './native-tape.ts'

test('any facts, in any order that can happen, are read as they were written', async (t) => {
  const file = newTape(t)
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExchange, { maxLength: 5 }),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }),
      async (exchanges, turns) => {
        const journal = await openJournal(file, 'replace')
        const begun: number[] = []
        const queues = exchanges.map((each, place) =>
          factsOf(journal, each).map((write, step) => () => {
            if (step === 0) begun.push(place)
            write()
          }),
        )
        for (const write of interleaved(queues, turns)) write()
        await journal.close()
        const expected = begun.flatMap((place, id) =>
          exchanges.slice(place, place + 1).map((each) => interactionOf(each, id)),
        )
        assert.deepEqual(readAll(file), expected)
      },
    ),
    { numRuns: 300 },
  )
})

const anyInteraction: fc.Arbitrary<Interaction> = fc
  .tuple(anyExchange, fc.boolean(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }))
  .map(([each, hasTimes, isFinished, at]) => {
    const { request, response, ...rest } = interactionOf(each, 0)
    return {
      ...rest,
      startedAt: hasTimes ? rest.startedAt : null,
      ending: isFinished ? rest.ending : { type: 'unfinished', at },
      request: { ...request, extra: { proto: 'HTTP/1.1', form: [['a', ['b']]], id: null } },
      response: response && {
        ...response,
        duration: at,
        chunks: hasTimes ? response.chunks : null,
        extra: { code: 1 },
      },
    }
  })

test('any cassette is the same when it is copied, and when the copy is', async (t) => {
  const [first, second] = [newTape(t), newTape(t)]
  await fc.assert(
    fc.asyncProperty(fc.array(anyInteraction, { maxLength: 5 }), async (all) => {
      const interactions = all.map((each, id) => ({ ...each, id }))
      const about = { recordedAt: 1_700_000_000_123, normalise: ['dates'], parent: { file: 'x', at: 3 } }
      await writeNativeTape(first, new MemoryCassette('any', 'har', interactions, about))
      assert.deepEqual(readAll(first), interactions)
      using copied = openNativeTape(first)
      assert.deepEqual(copied.about, about)
      await writeNativeTape(second, copied)
      assert.equal(readFileSync(second, 'utf8'), readFileSync(first, 'utf8'))
    }),
    { numRuns: 200 },
  )
})

test('pieces, sizes and digests say what the interactions say', async (t) => {
  const file = newTape(t)
  await fc.assert(
    fc.asyncProperty(fc.array(anyInteraction, { maxLength: 4 }), async (all) => {
      const memory = new MemoryCassette(
        'any',
        'har',
        all.map((each, id) => ({ ...each, id })),
      )
      await writeNativeTape(file, memory, { matcher })
      using tape = openNativeTape(file)
      for (let place = 0; place < memory.length; place++) {
        assert.deepEqual([...tape.piecesAt(place)], [...memory.piecesAt(place)])
        assert.equal(tape.sizeAt(place), memory.sizeAt(place))
      }
      assert.deepEqual(digestsOf(tape, matcher), digestsOf(memory, matcher))
      assert.deepEqual(digestsOf(tape, strictMatcher), digestsOf(memory, strictMatcher))
    }),
    { numRuns: 100 },
  )
})

test('keys of another matcher are not stored, and computed instead', async (t) => {
  const file = newTape(t)
  const first = await openJournal(file)
  recordAll(first, [exchange('one', 'x')])
  await first.close()
  const second = await nativeJournal(file, { matcher: strictMatcher, mode: 'append' })
  recordAll(second, [exchange('two', 'x')])
  await second.close()
  using tape = openNativeTape(file)
  for (const each of [matcher, strictMatcher])
    assert.deepEqual(digestsOf(tape, each), [digest(each.key(ask('one'))), digest(each.key(ask('two')))])
})

test('a conversation that is sent again with every step is stored once', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  const tools = JSON.stringify({ tools: ['a tool\n'.repeat(500)] })
  const messages = Array.from({ length: 200 }, (_, step) => `message ${step} "${'x'.repeat(300)}"`)
  const bodies = messages.map((_, step) => `${JSON.stringify(messages.slice(0, step + 1))}${tools}`)
  recordAll(
    journal,
    bodies.map((body) => exchange(body, 'an answer')),
  )
  await journal.close()
  const whole = bodies.reduce((sum, body) => sum + body.length, 0)
  assert.ok(statSync(file).size < whole / 10, `${statSync(file).size} of ${whole}`)
  using tape = openNativeTape(file)
  for (const place of [199, 0, 33, 32, 31, 150, 66]) assert.equal(tape.at(place).request.body, bodies[place])
  assert.deepEqual(
    Array.from(tape, ({ request }) => request.body),
    bodies,
  )
})

test('a part of a tape keeps its bodies, keys and unknown lines, under new ids', async (t) => {
  const [file, part] = [newTape(t), newTape(t)]
  const journal = await openJournal(file)
  const long = 'a long conversation '.repeat(200)
  const all = ['0', '1', '2', '3'].map((end) => exchange(long + end, end))
  recordAll(journal, all)
  await journal.close()
  const [header, ...lines] = readFileSync(file, 'utf8').split('\n')
  const notes = [
    '{"type":"note","id":2,"text":"of the third"}',
    '{"type":"note","text":"after all","n":12345678901234567890}',
  ]
  writeFileSync(
    file,
    [header, '{"type":"note","text":"first"}', ...lines.slice(0, -1), ...notes, ''].join('\n'),
  )
  using tape = openNativeTape(file)
  assert.deepEqual(tape.warnings, [])
  await writeNativeTape(part, tape, {
    places: [2, 3],
    about: { parent: { file: 'calls.tape.jsonl', at: 2 } },
  })
  assert.deepEqual(readAll(part), all.slice(2).map(interactionOf))
  using copy = openNativeTape(part)
  assert.deepEqual(copy.about.parent, { file: 'calls.tape.jsonl', at: 2 })
  assert.deepEqual(digestsOf(copy, matcher), digestsOf(tape, matcher).slice(2))
  const others = readFileSync(part, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"note"'))
  assert.deepEqual(others, [
    '{"type":"note","text":"first"}',
    '{"type":"note","id":0,"text":"of the third"}',
    notes[1],
  ])
})

test('interactions of several cassettes become one tape', async (t) => {
  const [one, two, merged] = [newTape(t), newTape(t), newTape(t)]
  for (const [file, name] of [
    [one, 'a'],
    [two, 'b'],
  ] as const) {
    const journal = await openJournal(file)
    recordAll(journal, [exchange(`${name}0`, 'x'), exchange(`${name}1`, 'y')])
    await journal.close()
  }
  using first = openNativeTape(one)
  using second = openNativeTape(two)
  await writeTakes(
    merged,
    [0, 1].flatMap((place) => [
      { cassette: first, place },
      { cassette: second, place },
    ]),
  )
  assert.deepEqual(
    readAll(merged).map(({ request }) => request.body),
    ['a0', 'b0', 'a1', 'b1'],
  )
  using tape = openNativeTape(merged)
  assert.equal(tape.matcher, 'test')
})

test('a character that is cut between two pieces leaves the rest of them readable', async (t) => {
  const file = newTape(t)
  const bytes = new TextEncoder().encode('before 🙂 after')
  const pieces = [bytes.slice(0, 9), bytes.slice(9)].map((each) => ({ bytes: each, at: 1 }))
  const journal = await openJournal(file)
  const cut = { ...exchange('?'), pieces }
  recordAll(journal, [cut])
  await journal.close()
  const text = readFileSync(file, 'utf8')
  assert.ok(text.includes('"text":"before ","after":"') && text.includes('"text":" after"}'), text)
  assert.deepEqual(readAll(file), [interactionOf(cut, 0)])
})

const { files, skip } = corporaFiles('go-vcr', 'yaml')

test('every recorded cassette goes onto a native tape and back without any loss', { skip }, async (t) => {
  const tape = newTape(t)
  const cassettes = files.map((file) => {
    const text = readFileSync(file, 'utf8')
    return { file, text, ...readGoVcr(text, file) }
  })
  for (const ofStyle of Map.groupBy(cassettes, (each) => JSON.stringify(each.style)).values()) {
    const style = ofStyle[0]?.style ?? yamlV3Style
    const all = ofStyle.flatMap(({ interactions }) => interactions)
    const memory = new MemoryCassette('all', 'go-vcr', all, { yaml: style })
    await writeNativeTape(tape, memory)
    using native = openNativeTape(tape)
    let place = 0
    for (const { file, text, interactions } of ofStyle) {
      const read = interactions.map(({ id }) => ({ ...native.at(place++), id }))
      assert.deepEqual(read, interactions, file)
      assert.equal(writeGoVcr({ style: native.about.yaml ?? style, interactions: read }), text, file)
    }
    for (const [at, { response }] of all.entries()) {
      const pieces = Array.from(native.piecesAt(at), ({ bytes }) => bytes)
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytesOf(response?.body ?? '')))
    }
  }
})
