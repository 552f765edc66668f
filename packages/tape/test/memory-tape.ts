/** The least that a recorder is: what went over the network once is given again. */
import type { Fetch } from '../src/http.ts'
import { tapedResponse } from '../src/response.ts'
import type { InstalledFetch } from '../src/scope.ts'

interface Taped {
  readonly head: Response
  readonly pieces: Uint8Array[]
  /** Why the body broke off. */
  error: unknown
}

export interface MemoryTape {
  readonly record: InstalledFetch
  readonly replay: InstalledFetch
  /** Requests that it was asked for: `POST http://…`. */
  readonly asked: string[]
}

export function memoryTape(): MemoryTape {
  const taped = new Map<string, Taped | { readonly error: unknown }>()
  const asked: string[] = []
  return {
    asked,
    record: async (input, init, network) => {
      asked.push(nameOf(input, init))
      return keep(taped, keyOf(input, init), () => network(input, init))
    },
    replay: async (input, init) => {
      asked.push(nameOf(input, init))
      const found = taped.get(keyOf(input, init))
      if (found === undefined) throw new Error(`nothing on tape for ${nameOf(input, init)}`)
      if (!('head' in found)) throw found.error
      return responseOf(found)
    },
  }
}

async function keep(
  taped: Map<string, Taped | { readonly error: unknown }>,
  key: string,
  send: () => ReturnType<Fetch>,
): Promise<Response> {
  const head = await send().catch((error: unknown) => {
    taped.set(key, { error })
    throw error
  })
  const kept: Taped = { head, pieces: [], error: undefined }
  taped.set(key, kept)
  if (head.body === null) return head
  const reader = head.body.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          kept.pieces.push(value)
          controller.enqueue(value)
        } catch (error) {
          kept.error = error
          throw error
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return tapedResponse(body, head)
}

function responseOf({ head, pieces, error }: Taped): Response {
  if (head.body === null) return tapedResponse(null, head)
  const left = [...pieces]
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift()
      if (piece !== undefined) return controller.enqueue(piece)
      if (error === undefined) return controller.close()
      controller.error(error)
    },
  })
  return tapedResponse(body, head)
}

export function urlOf(input: string | URL | Request): string {
  return input instanceof Request ? input.url : String(input)
}

function nameOf(input: string | URL | Request, init: RequestInit = {}): string {
  return `${init.method ?? 'GET'} ${urlOf(input)}`
}

function keyOf(input: string | URL | Request, init: RequestInit = {}): string {
  return `${nameOf(input, init)} ${typeof init.body === 'string' ? init.body : ''}`
}
