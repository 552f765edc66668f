/** Between the platform's requests and responses and the recorded ones. */
import type { Body, HeaderList, Interaction } from './interaction.ts'

/** The platform's `fetch`, which a recorder also is. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A request with its body read, so that it can be matched and still be sent. */
export interface ReadRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: Body
  readonly signal: AbortSignal | undefined
  /** Sends it. */
  readonly send: (fetch: Fetch) => Promise<Response>
}

/** Reads whatever `fetch` takes. Throws what `Request` throws for what it does not. */
export async function readRequest(input: string | URL | Request, init: RequestInit = {}): Promise<ReadRequest> {
  const isPlain = !(input instanceof Request) && (typeof init.body === 'string' || init.body === undefined)
  if (isPlain) {
    return {
      method: init.method ?? 'GET',
      url: new URL(input).href,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : '',
      signal: init.signal ?? undefined,
      send: (fetch) => fetch(input, init),
    }
  }
  const request = new Request(input, init)
  const bytes = new Uint8Array(await request.arrayBuffer())
  const { method, url, headers, signal, redirect } = request
  const forwarded = { method, headers, signal, redirect, ...(bytes.length > 0 && { body: bytes }) }
  return { method, url, headers, body: textOrBytes(bytes), signal, send: (fetch) => fetch(url, forwarded) }
}

/** Text when it is valid UTF-8, else the bytes. */
export function textOrBytes(bytes: Uint8Array): Body {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}

/** Statuses whose responses have no body. https://fetch.spec.whatwg.org/#null-body-status */
const bodiless = new Set([101, 103, 204, 205, 304])

/** The recorded response, as the platform gives one. */
export function toResponse({ response }: Interaction): Response {
  const { status, statusText, headers, body } = response
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body)
  return new Response(bodiless.has(status) ? null : bytes, {
    status,
    statusText,
    headers: headers.map(([name, value]) => [name, value]),
  })
}

/** Headers as HTTP/1 programs write them: `Content-Type`. */
export function toHeaderList(headers: Headers): HeaderList {
  return [...headers].map(([name, value]) => [name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase()), value])
}
