/** One call of a model: encode, send, decode. */
import { type Answer, type ByteReader, type Failure, failure, type PartEvent, type StreamEvent } from '@playhead/wire'
import type { Clock } from './clock.ts'
import { orAborted } from './limit.ts'
import { keyOf, type Model } from './providers.ts'

/** As much of the platform's `fetch` as a run needs. A recorder's is one, and so is the global one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What a run does to the world, handed in. */
export interface Effects {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Sends one request and yields the answer's events as they arrive, in the batches in which they arrive.
 * Returns how it ended, which is not among them. Throws what `fetch` throws, unless that is a failure of
 * the network, and the signal's reason when it fires.
 */
export async function* callModel(
  model: Model,
  body: string,
  effects: Effects,
): AsyncGenerator<readonly PartEvent[], Answer | Failure, undefined> {
  const sent = await send(model, body, effects)
  if (sent.type === 'failure') return sent
  const { reader } = sent
  const decoder = model.dialect.decodeStream(model.provider)
  let isComplete = false
  const leave = (): void => void cancel(reader)
  effects.signal.addEventListener('abort', leave)
  try {
    for (;;) {
      const { value } = await reader.read()
      const events = value === undefined ? decoder.end() : decoder.push(value)
      const last = events.at(-1)
      isComplete = last?.type === 'finish'
      if (last?.type === 'finish' || last?.type === 'error') {
        yield onlyParts(events.slice(0, -1))
        return last.type === 'finish' ? last.answer : last.failure
      }
      if (events.length > 0) yield onlyParts(events)
    }
  } catch (error) {
    return broken(decoder.end(), networkFailure(error, effects.signal))
  } finally {
    effects.signal.removeEventListener('abort', leave)
    await (isComplete ? drain(reader, effects.clock) : cancel(reader))
  }
}

/** A decoder's events without its last one add to the answer, all of them. */
function onlyParts(events: readonly StreamEvent[]): readonly PartEvent[] {
  return events as readonly PartEvent[]
}

type Sent = Failure | { readonly type: 'stream'; readonly reader: ByteReader }

async function send(model: Model, body: string, { fetch, signal }: Effects): Promise<Sent> {
  try {
    const request = fetch(model.baseUrl + model.dialect.path, {
      method: 'POST',
      headers: headersOf(model),
      body,
      signal,
      // A redirect would turn the question into a GET of something else.
      redirect: 'manual',
    })
    const response = await orAborted(request, signal)
    if (response.ok && response.body !== null) return { type: 'stream', reader: response.body.getReader() }
    return model.dialect.decodeError(response.status, response.headers, await response.text())
  } catch (error) {
    return networkFailure(error, signal)
  }
}

function headersOf(model: Model): Record<string, string> {
  const key = keyOf(model)
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'playhead/0.1.0',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...model.headers,
  }
}

/**
 * The network's failures are TypeErrors (https://fetch.spec.whatwg.org/#fetch-method) or carry a code of
 * the system's. Anything else that a `fetch` throws, a recorder's miss for one, is no failure of the model.
 */
function networkFailure(error: unknown, signal: AbortSignal): Failure {
  signal.throwIfAborted()
  if (!(error instanceof Error)) throw error
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (!(error instanceof TypeError) && !/^(E[A-Z]+|UND_ERR_\w+)$/.test(code)) throw error
  return failure('network', `The network failed: ${cause.message || code || error.message}`)
}

/** What had come before a connection broke may be whole, and what it used counts either way. */
function broken(rest: readonly StreamEvent[], cause: Failure): Answer | Failure {
  const last = rest.at(-1)
  if (last?.type === 'finish') return last.answer
  return last?.type === 'error' ? { ...cause, usage: last.failure.usage, cost: last.failure.cost } : cause
}

/** Milliseconds that a server has to close a stream whose answer is complete. */
const drainTime = 1000

/** Reads what is left behind an answer, so that a recorder has all of it and the connection can be used again. */
async function drain(reader: ByteReader, clock: Clock): Promise<void> {
  const enough = new AbortController()
  const timeout = clock.sleep(drainTime, enough.signal).then(
    () => cancel(reader),
    () => {},
  )
  await Promise.race([timeout, readAll(reader)])
  enough.abort()
}

async function readAll(reader: ByteReader): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The answer is complete: what breaks behind it is no failure.
  }
}

async function cancel(reader: ByteReader): Promise<void> {
  await reader.cancel().catch(() => {})
}
