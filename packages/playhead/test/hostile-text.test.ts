/** A model's words, names and errors do not reach a terminal as commands for it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Interaction, writeGoVcr } from '@playhead/tape'
import { jsonLines, newFile, playhead, withImports } from './command.ts'

/** Clears the screen, in both ways to write it, sets the title, rings, and goes back in the line. */
const evil = '\u001b[2J\u009b2J\u001b]0;owned\u0007\b\u007f\rsafe'
// oxlint-disable-next-line no-control-regex -- they must not be there
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

const url = 'http://localhost/v1/chat/completions'

function sse(...chunks: readonly object[]): string {
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`
}

const start = { id: evil, model: evil, provider: evil }
const call = { index: 0, id: evil, type: 'function', function: { name: evil, arguments: `{"a":"${evil}` } }
const delta = { content: evil, reasoning: evil, tool_calls: [call] }
const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.1 }
const firstAnswer = sse(
  { ...start, choices: [{ index: 0, delta }] },
  { ...start, choices: [{ index: 0, delta: {}, finish_reason: evil }], usage },
)
const failure = JSON.stringify({
  error: { message: evil, code: 400, metadata: { raw: evil, provider_name: evil } },
})
const limited = JSON.stringify({
  error: { message: evil, code: 429, metadata: { raw: evil, provider_name: evil } },
})

const question = { model: evil, stream: true, messages: [{ role: 'user', content: evil }] }
const tools = [{ type: 'function', function: { name: evil, description: evil, parameters: {} } }]

/** What the agent below asks first, and what is answered. */
function cassette(bodies: readonly string[]): string {
  const answers = [
    { status: 429, body: limited },
    { status: 200, body: firstAnswer },
    { status: 400, body: failure },
  ]
  const interactions = answers.map(({ status, body }, id): Interaction => ({
    id,
    request: { method: 'POST', url, headers: [], body: bodies[id] ?? '' },
    response: { status, statusText: evil, headers: [], body, duration: 1, chunks: null },
    ending: { type: 'end', at: 1 },
    startedAt: null,
  }))
  return writeGoVcr({ style: { library: 'go-yaml', indent: 4, compact: true }, interactions })
}

/** Replays its answers to whatever is asked. */
const source = withImports(`import { openCassette } from '${import.meta.resolve('@playhead/tape')}'
  const answers = await openCassette(process.env.ANSWERS)
  let next = 0
  const fetch = async () => {
    const { status, body } = answers.at(next++).response
    return new Response(body, { status, headers: { 'retry-after-ms': '1' } })
  }
  const own = agent({ model: custom('m', { baseUrl: 'http://localhost/v1' }) })
  const run = (prompt, options) => own.run(prompt, { ...options, fetch })
  export default { type: 'agent', model: own.model, run }
  export const prompt = 'hi'`)

describe('nothing steers the terminal', { concurrency: 4 }, () => {
  for (const env of [{}, { FORCE_COLOR: '1' }, { NO_COLOR: '1' }] as const) {
    test(`playhead run ${JSON.stringify(env)}`, async (t) => {
      const tape = newFile(t, 'evil.yaml', cassette([]))
      const { code, stdout, stderr } = await playhead(['run', newFile(t, 'evil.mjs', source)], {
        env: { ANSWERS: tape, ...env },
      })
      assert.equal(code, 1)
      assert.match(withoutColours(stdout), /safe/)
      assert.match(stderr, /safe/)
      for (const output of [stdout, stderr]) assert.doesNotMatch(withoutColours(output), control)
    })

    test(`playhead tape inspect ${JSON.stringify(env)}`, async (t) => {
      const asked = JSON.stringify({ ...question, tools })
      const unknown = JSON.stringify({ ...question, messages: [{ role: evil, content: evil, [evil]: evil }] })
      const answered = {
        ...question,
        messages: [
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: evil, name: evil, content: evil },
        ],
      }
      const media = {
        ...question,
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: `http://a/${evil}` } }] },
        ],
      }
      for (const bodies of [
        [asked, unknown, JSON.stringify(answered)],
        [JSON.stringify(media), evil, evil],
      ]) {
        const tape = newFile(t, 'evil.yaml', cassette(bodies))
        const { code, stdout, stderr } = await playhead(['tape', 'inspect', tape], { env })
        assert.deepEqual([code, stderr], [0, ''])
        assert.match(withoutColours(stdout), /safe/)
        assert.doesNotMatch(withoutColours(stdout), control)
      }
    })
  }

  test('JSON has them escaped, and gives them back', async (t) => {
    const tape = newFile(t, 'evil.yaml', cassette([JSON.stringify(question), JSON.stringify(question)]))
    const inspected = await playhead(['tape', 'inspect', '--json', tape])
    assert.doesNotMatch(inspected.stdout, control)
    assert.equal(jsonLines(inspected.stdout)[1]?.['text'], evil)
    const run = await playhead(['run', newFile(t, 'evil.mjs', source), '--json'], { env: { ANSWERS: tape } })
    assert.doesNotMatch(run.stdout, control)
    assert.ok(jsonLines(run.stdout).some(({ text }) => text === evil))
  })
})

function withoutColours(text: string): string {
  // oxlint-disable-next-line no-control-regex -- colours are made of them
  return text.replaceAll(/\u001b\[\d+m/g, '')
}
