/** The page of `playhead tape inspect --html`, by its text: what it holds, and that nothing in it is run. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openCassette } from '@playhead/tape'
import { textOf, WireError } from '@playhead/wire'
import { corporaFiles } from '../../../test/corpora.ts'
import { messageView } from '../src/html/message-view.ts'
import type { MessageView, PartView } from '../src/html/page-data.ts'
import { renderPage } from '../src/html/page.ts'
import { inspect } from '../src/inspection.ts'
import { basetenTape, retryTape, root } from './command.ts'
import { hostile } from './hostile-page.ts'
import { answer, blocksOf, chat, pageOf, placesOf } from './page.ts'

function saidBy(view: MessageView): string {
  return view.parts.map((part: PartView) => (part.type === 'text' ? part.text : '')).join('')
}

async function seeds(): Promise<string> {
  using retry = (await openCassette(join(root, retryTape))) ?? assert.fail()
  using baseten = (await openCassette(join(root, basetenTape))) ?? assert.fail()
  return pageOf([...retry, ...baseten], 'seeds')
}

describe('what it holds', () => {
  test('the seeds, with exact sums', async () => {
    const { summaries, totals } = blocksOf(await seeds())
    assert.deepEqual(totals, { facts: ['5 interactions', '1 failed', '991 in, 149 out', '$0.00080196'] })
    assert.deepEqual(
      summaries.map(({ title, word, calls, same }) => [title, word, calls.join(), same]),
      [
        ['Add and multiply the number 2 and 3', 'tool-calls', 'add,multiply', null],
        ['→ 5 → 6', 'rate-limited', '', null],
        ['→ 5 → 6', 'stop', '', 1],
        ['Add and multiply the number 2 and 3', 'tool-calls', 'add,multiply', null],
        ['→ 5 → 6', 'stop', '', null],
      ],
    )
  })

  test(
    'every message and every answer of the corpora',
    { skip: corporaFiles('.', 'yaml').skip },
    async () => {
      let count = 0
      for (const file of corporaFiles('.', 'yaml').files) {
        const cassette = await openCassette(file).catch(() => undefined)
        if (cassette === undefined) continue
        const interactions = [...cassette]
        cassette[Symbol.dispose]()
        const { messages, texts, details } = blocksOf(pageOf(interactions, file))
        assert.equal(details.length, interactions.length, file)
        for (const [index, detail] of details.entries()) {
          const { request, outcome } = inspect(file, interactions[index] ?? assert.fail())
          const names = new Map()
          const asked = request === null || request instanceof WireError ? [] : request.messages
          const views = placesOf(detail).map((place) => messages[place])
          assert.deepEqual(
            views,
            JSON.parse(JSON.stringify(asked.map((message) => messageView(message, names)))),
            file,
          )
          assert.equal(detail.outcome.type, outcome?.type ?? 'unknown', file)
          const bodies = [interactions[index]?.request.body, interactions[index]?.response?.body]
          for (const [which, raw] of [detail.request, detail.response].entries()) {
            const body = bodies[which]
            if (raw?.note === '' && typeof body === 'string') assert.equal(texts[raw.body], body, file)
          }
          if (outcome?.type !== 'answer' || detail.outcome.type !== 'answer') continue
          const said = messages[detail.outcome.message] ?? assert.fail()
          assert.equal(saidBy(said), textOf(outcome.message.content), file)
          count += 1
        }
      }
      assert.ok(count > 1000, `${count} answers`)
    },
  )

  test('a message stands once, however often it is sent', () => {
    const messages = Array.from({ length: 300 }, (_, index) => ({
      role: 'user',
      content: `message ${index} ${'x'.repeat(1000)}`,
    }))
    const exchanges = messages.map((_, index) => ({
      messages: messages.slice(0, index + 1),
      events: answer({ content: `answer ${index}` }),
    }))
    const interactions = chat(exchanges)
    const page = pageOf(interactions)
    const { messages: views, texts, details } = blocksOf(page)
    assert.equal(views.length, 600)
    assert.equal(details.at(-1)?.seen, 299)
    for (const [index, { request }] of details.entries())
      assert.equal(texts[request.body], interactions[index]?.request.body)
    // Each body that is whole has 300 kB at most, and every hundredth is.
    assert.ok(page.length < 3_000_000, `${page.length} characters`)
  })

  test('a question that is sent again keeps its last message in sight', () => {
    const once = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
    }
    const { details, summaries } = blocksOf(
      pageOf(chat([once, { ...once, events: answer({ content: 'c' }) }])),
    )
    assert.deepEqual(
      details.map(({ seen }) => seen),
      [0, 1],
    )
    assert.deepEqual(
      summaries.map(({ same }) => same),
      [null, 0],
    )
  })

  test('what never had an answer, was left, or broke off', () => {
    const messages = [{ role: 'user', content: 'a' }]
    const interactions = chat([
      {
        messages,
        changes: { response: null, ending: { type: 'error', at: 12, code: 'ECONNRESET', message: 'reset' } },
      },
      { messages, changes: { ending: { type: 'abort', at: 1500, reason: 'TimeoutError' } } },
      { messages, changes: { response: null, ending: { type: 'unfinished', at: 0 } } },
    ])
    const { details, summaries } = blocksOf(pageOf(interactions))
    assert.deepEqual(
      summaries.map(({ tone, word }) => [tone, word]),
      [
        ['broken', 'network'],
        ['broken', 'aborted'],
        ['broken', 'truncated'],
      ],
    )
    assert.match(details[0]?.facts.join() ?? '', /the connection failed after 12 ms: ECONNRESET reset/)
    assert.match(details[1]?.facts.join() ?? '', /the caller left after 1\.50 s \(TimeoutError\)/)
    assert.match(details[2]?.facts.join() ?? '', /the recording broke off/)
  })

  test('the chunks of a long stream in a drawing of bounded size', () => {
    const events = Array.from({ length: 20_000 }, () => answer({ content: 'x' })[0] ?? {})
    const { details } = blocksOf(pageOf(chat([{ messages: [], events }])))
    const timeline = details[0]?.timeline ?? assert.fail()
    assert.equal(timeline.chunks, 20_001)
    assert.equal(timeline.spans.length, 120)
    assert.equal(
      timeline.spans.reduce((sum, bytes) => sum + bytes, 0),
      timeline.bytes,
    )
  })

  test('no interactions', () => {
    assert.deepEqual(blocksOf(pageOf([])), {
      messages: [],
      texts: [],
      details: [],
      summaries: [],
      totals: { facts: ['0 interactions'] },
    })
  })

  test('one interaction at a time', () => {
    let taken = 0
    function* endless(): Generator<ReturnType<typeof inspect>> {
      for (const interaction of chat(Array.from({ length: 50 }, () => ({ messages: [] })))) {
        taken += 1
        yield inspect('file', interaction)
      }
    }
    const parts = renderPage(endless(), 'title')
    parts.next()
    assert.equal(taken, 0)
    parts.next()
    assert.equal(taken, 1)
  })
})

describe('that nothing in it is run', () => {
  const page = pageOf(hostile(), '</script><script>owned()</script>', '</title><script>owned()</script>')

  test('scripts are the data and its own', () => {
    const tags = [...page.matchAll(/<\/?script[^>]*>/gi)].map(([tag]) => tag)
    const opened = tags.filter((tag) => !tag.startsWith('</'))
    assert.ok(opened.length > 3)
    assert.equal(tags.length, opened.length * 2)
    // A browser also takes one that has no end.
    assert.equal([...page.matchAll(/<\/?script/gi)].length, tags.length)
    for (const tag of opened.slice(0, -1))
      assert.match(
        tag,
        /^<script type="application\/json" id="[motds]\d+">$|^<script type="application\/json" id="totals">$/,
      )
    assert.equal(opened.at(-1), '<script>')
  })

  test('no comment, no line separator, no markup of others', () => {
    assert.doesNotMatch(page, /<!--|[\u2028\u2029]/)
    assert.doesNotMatch(page.replaceAll(/<script[^>]*>.*?<\/script>/gs, ''), /<script|<img|onerror=|<iframe/i)
  })

  test('the policy names its script and its style, by their hashes', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    assert.match(policy, /^default-src 'none';/)
    for (const [name, pattern] of [
      ['script', /<script>(.*?)<\/script>/s],
      ['style', /<style>(.*?)<\/style>/s],
    ] as const) {
      const source = pattern.exec(page)?.[1] ?? assert.fail()
      const hash = createHash('sha256').update(source).digest('base64')
      assert.ok(policy.includes(`${name}-src 'sha256-${hash}'`), name)
    }
    assert.doesNotMatch(policy, /unsafe|https?:|\*/)
  })

  test('it names nothing to load', () => {
    const markup = page.replaceAll(/<script[^>]*>.*?<\/script>/gs, '')
    assert.doesNotMatch(markup, /(?:src|href)="(?!#)|@import|url\(/i)
  })

  test('only images and sounds of known types are embedded', () => {
    const sources = [...page.matchAll(/"src":"([^"]*)"/g)]
      .map(([, src = '']) => src)
      .filter((src) => src !== '')
    assert.ok(sources.length > 0)
    for (const src of sources) assert.match(src, /^data:image\/png;base64,[A-Za-z0-9+/=]+$/)
  })
})
