/** Every request of a client: who asks, what for, and the one exit that turns errors into answers. */
import { type Dialect, openaiChatDialect, WireError } from '@playhead/wire'
import type { Context } from '../context.ts'
import type { Incoming, Reply } from '../incoming.ts'
import type { Generate } from '../generate/generate.ts'
import { HttpError } from '../http-error.ts'
import { errorReply } from '../relay/error-reply.ts'
import { StoreError } from '../store/store.ts'
import { authenticate } from './authenticate.ts'
import { type Found, operationsFinder } from './find-operation.ts'
import { KeyCache } from './key-cache.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'
import { requestIdOf } from './request-id.ts'
import { ToldReply } from './told-reply.ts'

/** Which operations a listener has: all, or only those that need no admin, or only those that do and the open ones. */
export type Serves = 'all' | 'public' | 'admin'

const served: Readonly<Record<Serves, (operation: Operation) => boolean>> = {
  all: () => true,
  public: ({ who }) => who !== 'admin' && who !== 'local',
  admin: ({ who }) => who === 'admin' || who === 'local' || who === 'anyone',
}

/** The API as one function; errors become answers, it never rejects. `keys` is shared between listeners. */
export function createApi(
  context: Context,
  generate: Generate,
  serves: Serves = 'all',
  keys: KeyCache = new KeyCache(context.store, () => context.now()),
): (incoming: Incoming, reply: Reply) => Promise<void> {
  // Of the configuration at the start: a `host` that is read later counts from the next start.
  const isLocal = loopback.test(context.current.configuration.host)
  const find = operationsFinder(operations.filter(served[serves]))
  return async (incoming, reply) => {
    const began = performance.now()
    const requestId = requestIdOf(incoming.headers['x-request-id'])
    const told = new ToldReply(reply, requestId)
    let operation: Operation | null = null
    try {
      const found = find(incoming.method, incoming.path)
      operation = found.operation
      if (operation === null) refuseUnknown(found, incoming, told)
      else
        await perform(operation, {
          context,
          keys,
          incoming,
          isLocal,
          reply: told,
          requestId,
          generate,
          found,
        })
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.status >= 500) logError(context, error, requestId)
      if (told.isBegun) told.destroy()
      else refuse(told, operation?.dialect ?? openaiChatDialect, refusal, {})
    }
    context.metrics.request(operation?.pattern ?? 'unknown', told.status, (performance.now() - began) / 1000)
  }
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

interface Performance {
  readonly context: Context
  readonly keys: KeyCache
  readonly incoming: Incoming
  readonly isLocal: boolean
  readonly reply: Reply
  readonly requestId: string
  readonly generate: Generate
  readonly found: Found
}

async function perform(operation: Operation, performance: Performance): Promise<void> {
  const { context, keys, incoming, isLocal, reply, requestId, generate, found } = performance
  const who = await authenticate({ context, keys, incoming, operation, isLocal })
  if (operation.type === 'data') {
    const { parameters } = found
    const { status, headers, body } = await operation.answer({
      context,
      keys,
      incoming,
      parameters,
      who,
      requestId,
    })
    reply.send(status, headers, body)
    return
  }
  // No operation that asks models lets anyone in; if one did, there would be no key to charge.
  if (who === null) throw new HttpError(401, 'auth', 'A key is needed')
  await generate(operation.dialect, incoming, reply, who, requestId)
}

function refuseUnknown({ methods }: Found, { method, path }: Incoming, reply: Reply): void {
  const isKnown = methods.length > 0
  const error = isKnown
    ? new HttpError(405, 'invalid-request', `${path} does not take ${method}, only ${methods.join(', ')}`)
    : new HttpError(404, 'not-found', `There is nothing at ${path}; /openapi.json says what there is`)
  refuse(reply, openaiChatDialect, error, isKnown ? { allow: methods.join(', ') } : {})
}

/** An unexpected error shows the client neither its message nor its stack. */
function refusalOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof WireError) return new HttpError(400, 'invalid-request', error.message)
  if (error instanceof StoreError)
    return new HttpError(503, 'overloaded', 'The ledger cannot be reached; try again', { retryAfter: 1000 })
  return new HttpError(500, 'server', 'Internal error')
}

function refuse(
  reply: Reply,
  dialect: Dialect,
  { failure, details, status }: HttpError,
  headers: Readonly<Record<string, string>>,
): void {
  const told = errorReply(dialect, failure, details)
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  reply.send(told.status, { ...told.headers, ...challenge, ...headers }, told.body)
}

function logError({ log }: Context, error: unknown, requestId: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  log({
    level: 'error',
    event: 'request failed',
    requestId,
    error: name,
    problem: message,
    stack: stack ?? '',
  })
}
