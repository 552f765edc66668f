/** Where the frames of a recorded stream end, and whether its end was said: read apart from the decoders. */
import { type DialectName, type Provider, providerOf } from '../../src/index.ts'
import type { Recording } from '../recordings.ts'
import { textOfBytes } from '../streams.ts'

/** The places right behind each frame, in bytes. */
export function frameEnds(body: Uint8Array): number[] {
  return body[0] === 0 ? binaryEnds(body) : textEnds(body)
}

/** AWS's frames begin with their length. https://smithy.io/2.0/aws/amazon-eventstream.html */
function binaryEnds(body: Uint8Array): number[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const ends: number[] = []
  for (let place = 0; place + 4 <= body.length;) {
    place += Math.max(view.getUint32(place), 16)
    ends.push(place)
  }
  return ends
}

/** Server-sent events end with an empty line, NDJSON with each line: every line end will do for both. */
function textEnds(body: Uint8Array): number[] {
  const ends: number[] = []
  for (let place = body.indexOf(10); place !== -1; place = body.indexOf(10, place + 1)) ends.push(place + 1)
  return ends
}

type HasEnded = (text: string, provider: Provider) => boolean

/** What each dialect's last word looks like. Before it, no stream may end well. */
const lastWords: Readonly<Record<string, HasEnded>> = {
  'openai-chat': hasChatEnded,
  'openai-responses': (text) => /"type":\s*"response\.(completed|incomplete|failed)"/.test(text),
  'anthropic-messages': (text) => /"type":\s*"message_stop"/.test(text),
  gemini: (text) => /"(finishReason|blockReason)":/.test(text),
  'bedrock-converse': (text) => text.includes('messageStop'),
  cohere: (text) => /message-end|stream-end/.test(text),
  ollama: (text) => /"done":\s*true/.test(text),
} satisfies Record<DialectName, HasEnded>

/** Whether the last word stands in the stream's first bytes. Some dialects have more to say behind it. */
export function hasEnded({ dialect, response }: Recording, prefix: Uint8Array): boolean {
  const ended = lastWords[dialect.name]
  if (ended === undefined) throw new Error(`${dialect.name} has no row here`)
  return ended(unwrapped(prefix), providerOf(response.url))
}

/** Bedrock's `invoke` wraps each event of another dialect in base64. */
function unwrapped(bytes: Uint8Array): string {
  const text = textOfBytes(bytes)
  if (bytes[0] !== 0) return text
  return text.replace(/"bytes":"([^"]*)"/g, (_whole, base64: string) => atob(base64))
}

/** `[DONE]`, or where that is enough, a finish reason. */
function hasChatEnded(text: string, provider: Provider): boolean {
  return text.split(/\r?\n/).some((line) => {
    if (/^data:\s*\[DONE\]\s*$/.test(line)) return true
    return provider.quirks.streamEnd === 'finish-reason' && /"finish_reason":\s*"[^"]/.test(line)
  })
}
