/** Encodes a streamed answer of Ollama's native chat: one JSON object on each line, the last one `done`. */
import type { StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { messageFor } from '../error-status.ts'
import type { Unread } from '../json.ts'
import { encodeCall, encodeHead, encodeTail } from './encode-response.ts'

const utf8 = new TextEncoder()
const nothing = new Uint8Array()

export function encodeStream(head: AnswerHead): StreamEncoder {
  const begin = JSON.stringify(encodeHead(head)).slice(0, -1)
  let calls = 0
  /** A line with some fields of the message, as JSON. */
  function line(fields: string): Uint8Array {
    return utf8.encode(`${begin},"message":{"role":"assistant",${fields}},"done":false}\n`)
  }
  function push(event: StreamEvent): Uint8Array {
    switch (event.type) {
      case 'text':
        return line(`"content":${JSON.stringify(event.text)}`)
      case 'reasoning':
        return line(`"content":"","thinking":${JSON.stringify(event.text)}`)
      case 'part': {
        const { part } = event
        if (part.type === 'reasoning')
          return part.text === '' ? nothing : line(`"content":"","thinking":${JSON.stringify(part.text)}`)
        if (part.type !== 'media' || part.source.type !== 'base64') return nothing
        return line(`"content":"","images":${JSON.stringify([part.source.base64])}`)
      }
      case 'tool-call':
        calls += 1
        return line(`"content":"","tool_calls":${JSON.stringify([encodeCall(event.call, calls - 1)])}`)
      case 'finish': {
        const last: Unread = { message: { role: 'assistant', content: '' }, ...encodeTail(event.answer) }
        return utf8.encode(`${begin},${JSON.stringify(last).slice(1)}\n`)
      }
      case 'error':
        return utf8.encode(`${JSON.stringify({ error: messageFor(event.failure) })}\n`)
      case 'part-end':
      case 'tool-input':
        return nothing
    }
  }
  return { contentType: 'application/x-ndjson', push }
}
