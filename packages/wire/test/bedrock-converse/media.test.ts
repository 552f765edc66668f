/** Files as Bedrock is sent them: a kind, a format, a name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bedrockConverse, custom, type MediaPart, WireError } from '../../src/index.ts'

const source = { type: 'base64', base64: 'AAAA' } as const

interface Block {
  readonly name?: string
  readonly format: string
}

/** What is sent of these parts of one message. */
function sent(...content: readonly MediaPart[]): Readonly<Record<string, Block>>[] {
  const request = { model: 'm', messages: [{ role: 'user', content }], stream: false } as const
  const { messages } = JSON.parse(bedrockConverse.encodeRequest(request, custom)) as {
    messages: { content: Readonly<Record<string, Block>>[] }[]
  }
  return messages[0]?.content ?? []
}

test('documents have names that are allowed', () => {
  const pdf = { type: 'media', mediaType: 'application/pdf', source } as const
  const names = sent({ ...pdf, name: 'a.b  c.pdf' }, pdf).map(({ document }) => document?.name)
  assert.deepEqual(names, ['a-b-c-pdf', 'document-0-1'])
})

const office = 'application/vnd.openxmlformats-officedocument'
const formats: readonly [mediaType: string, kind: string, format: string][] = [
  ['application/pdf', 'document', 'pdf'],
  ['text/csv; charset=utf-8', 'document', 'csv'],
  ['application/msword', 'document', 'doc'],
  [`${office}.wordprocessingml.document`, 'document', 'docx'],
  ['application/vnd.ms-excel', 'document', 'xls'],
  [`${office}.spreadsheetml.sheet`, 'document', 'xlsx'],
  ['text/html', 'document', 'html'],
  ['text/x-python', 'document', 'txt'],
  ['text/markdown', 'document', 'md'],
  ['image/webp', 'image', 'webp'],
  ['video/3gpp', 'video', 'three_gp'],
  ['video/quicktime', 'video', 'mov'],
  ['video/x-matroska', 'video', 'mkv'],
  ['audio/mpeg', 'audio', 'mpeg'],
]

for (const [mediaType, kind, format] of formats) {
  test(`${mediaType} is a ${kind} of the format ${format}`, () => {
    assert.equal(sent({ type: 'media', mediaType, source })[0]?.[kind]?.format, format)
  })
}

for (const kind of ['spreadsheet', 'text', 'presentation']) {
  test(`an OpenDocument ${kind} is refused, and goes under no other name`, () => {
    const mediaType = `application/vnd.oasis.opendocument.${kind}`
    assert.throws(
      () => sent({ type: 'media', mediaType, source }),
      (error) => error instanceof WireError && error.path === 'messages[0].content[0]',
    )
  })
}
