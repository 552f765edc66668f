/** The `@google/genai` SDK reads what the server half of `gemini` writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, FinishReason, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai'
import { brokenOff, called, cutShort, limited, said, thought, words } from './answers.ts'
import { type ModelServer, type Reply, serve } from './server.ts'

const client = ({ origin }: ModelServer): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: origin } })

const question = {
  model: 'gemini-2.5-flash',
  contents: 'Hello',
  config: { tools: [{ functionDeclarations: [{ name: 'add' }] }] },
}

/** What both ways of asking give. */
interface Read {
  readonly parts: readonly Part[]
  readonly finishReason: FinishReason | undefined
  readonly usage: GenerateContentResponse['usageMetadata']
  readonly model: string | undefined
}

async function plain(reply: Reply): Promise<Read> {
  await using server = await serve(reply)
  return read([await client(server).models.generateContent(question)])
}

async function streamed(reply: Reply): Promise<Read> {
  await using server = await serve(reply)
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await client(server).models.generateContentStream(question)) chunks.push(chunk)
  return read(chunks)
}

function read(chunks: readonly GenerateContentResponse[]): Read {
  return {
    parts: chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []),
    finishReason: chunks.findLast(({ candidates }) => candidates?.[0]?.finishReason)?.candidates?.[0]
      ?.finishReason,
    usage: chunks.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata,
    model: chunks.at(-1)?.modelVersion,
  }
}

const textOf = (parts: readonly Part[], isThought: boolean): string =>
  parts.map((part) => ((part.thought ?? false) === isThought ? (part.text ?? '') : '')).join('')

for (const [name, ask] of [
  ['a plain answer', plain],
  ['a streamed answer', streamed],
] as const) {
  test(`${name}: text, finish reason, usage`, async () => {
    const { parts, finishReason, usage, model } = await ask(said)
    assert.deepEqual(
      [textOf(parts, false), finishReason, model],
      [words, FinishReason.STOP, 'gemini-2.5-flash'],
    )
    assert.deepEqual([usage?.promptTokenCount, usage?.cachedContentTokenCount], [197, 128])
    assert.deepEqual(
      [usage?.candidatesTokenCount, usage?.thoughtsTokenCount, usage?.totalTokenCount],
      [34, 7, 238],
    )
  })

  test(`${name}: parallel function calls`, async () => {
    const { parts } = await ask(called)
    assert.deepEqual(
      parts.flatMap(({ functionCall }) =>
        functionCall ? [[functionCall.id, functionCall.name, functionCall.args]] : [],
      ),
      [
        ['call_a', 'add', { a: 2, b: 3 }],
        ['call_b', 'add', { a: 4, b: '🌍' }],
      ],
    )
  })

  test(`${name}: thoughts are marked`, async () => {
    const { parts } = await ask(thought)
    assert.deepEqual([textOf(parts, true), textOf(parts, false)], ['Add them, then multiply.', words])
  })

  test(`${name}: one that was cut short says so`, async () => {
    assert.equal((await ask(cutShort)).finishReason, FinishReason.MAX_TOKENS)
  })

  test(`${name}: an error has its status`, async () => {
    await assert.rejects(ask(limited), (error) => {
      assert.ok(error instanceof ApiError)
      assert.equal(error.status, 429)
      assert.match(error.message, /Slow down/)
      return true
    })
  })
}

test('a streamed answer that breaks off throws, behind what had come', async () => {
  await using server = await serve(brokenOff)
  const parts: Part[] = []
  await assert.rejects(async () => {
    for await (const chunk of await client(server).models.generateContentStream(question))
      parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []))
  }, /Too much to do/)
  assert.equal(textOf(parts, false), words)
})
