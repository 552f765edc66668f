/** What the events of a stream are written to: server-sent events, or AWS's binary messages. */
import type { Failure, FailureCode } from '../answer.ts'
import { AwsMessages, AwsPiece, encodeAwsFrame } from '../aws-event-stream-encoder.ts'

const utf8 = new TextEncoder()

/** Gathers events as bytes. */
export interface Sink {
  readonly contentType: string
  write(type: string, json: string): void
  /** The last event of a stream that broke off. */
  fail(failure: Failure, json: string): void
  /** The bytes since this was last asked. */
  takeBytes(): Uint8Array
}

/** Server-sent events, each with its name. */
export class SseSink implements Sink {
  readonly contentType = 'text/event-stream; charset=utf-8'
  #text = ''

  write(type: string, json: string): void {
    this.#text += `event: ${type}\ndata: ${json}\n\n`
  }

  fail(_failure: Failure, json: string): void {
    this.write('error', json)
  }

  takeBytes(): Uint8Array {
    const text = this.#text
    this.#text = ''
    return utf8.encode(text)
  }
}

/** Exceptions by what failed. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
const exceptions: Readonly<Partial<Record<FailureCode, string>>> = {
  'rate-limited': 'throttlingException',
  overloaded: 'serviceUnavailableException',
  timeout: 'modelTimeoutException',
  'invalid-request': 'validationException',
  'context-length': 'validationException',
  'content-filter': 'validationException',
}

const json = 'application/json'
const chunks = new AwsMessages({ ':event-type': 'chunk', ':content-type': json, ':message-type': 'event' })

/** Bedrock's `invoke-with-response-stream`: each event in base64 in a `chunk`. */
export class AwsSink implements Sink {
  readonly contentType = 'application/vnd.amazon.eventstream'
  readonly #piece = new AwsPiece()

  write(_type: string, event: string): void {
    this.#piece.add(chunks.encode(`{"bytes":"${base64Of(event)}"}`))
  }

  fail({ code, message }: Failure): void {
    const type = exceptions[code] ?? 'internalServerException'
    const headers = { ':exception-type': type, ':content-type': json, ':message-type': 'exception' }
    this.#piece.add(encodeAwsFrame(headers, JSON.stringify({ message })))
  }

  takeBytes(): Uint8Array {
    return this.#piece.take()
  }
}

/** Nearly all of it is ASCII, which is its own UTF-8. A call takes only so many arguments. */
function base64Of(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[^\0-\x7F]/.test(text)) return btoa(text)
  const bytes = utf8.encode(text)
  let binary = ''
  for (let start = 0; start < bytes.length; start += 8192)
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}
