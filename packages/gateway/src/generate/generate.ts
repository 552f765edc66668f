/** One question, from its arrival to its line in the ledger: read, route, reserve, ask, settle. */
import type { Dialect } from '@playhead/wire'
import type { Context, Current } from '../context.ts'
import type { Incoming, Reply } from '../incoming.ts'
import { HttpError } from '../http-error.ts'
import { limitsOfAll, limitsOwnedBy } from '../limits.ts'
import type { Question } from '../question.ts'
import { readQuestion } from '../question/read-question.ts'
import type { Route, StickyKey } from '../route/route.ts'
import type { KeyRecord } from '../store/store.ts'
import { boundAt } from './bound.ts'
import { checkQuestion } from './check-question.ts'
import { Conversation } from './conversation.ts'
import { Delivery } from './delivery.ts'
import { Generation } from './generation.ts'
import type { Live } from './live.ts'
import { noEndpoint, overLimit } from './refusal.ts'
import { tryEndpoints } from './try-endpoints.ts'

/**
 * Answers one question of a client that was let in. Rejects with an HttpError for what is refused before a model is
 * asked; from then on what goes wrong is told to the client in its dialect, and settled.
 */
export type Generate = (
  dialect: Dialect,
  incoming: Incoming,
  reply: Reply,
  who: KeyRecord,
  requestId: string,
) => Promise<void>

/** `live` knows what is under way, so that a shutdown can wait for it and end it. */
export function createGenerate(context: Context, live: Live): Generate {
  return async (dialect, incoming, reply, who, requestId) => {
    const arrivedAt = context.now()
    // While it is under way the configuration stays for it what it was, whatever is read anew.
    const current = context.currentFor(who)
    const { configuration } = current
    const bytes = await incoming.readBody(configuration.server.bodyLimit)
    const question = readQuestion(dialect, bytes, urlOf(incoming), incoming.headers)
    checkQuestion(question)
    const stickyKey = new Conversation(question, who)
    const route = routeOf(context, current, question, who, stickyKey)
    const endpoints = route.candidates.map(({ endpoint }) => endpoint)
    const limits = [...limitsOwnedBy(who), ...limitsOfAll(configuration.limits)]
    const bound = boundAt(question, endpoints, configuration)
    const about = {
      context,
      current,
      question,
      route,
      stickyKey,
      who,
      requestId,
      arrivedAt,
      bound,
      clientHeaders: incoming.headers,
    }
    const generation = new Generation(about)
    const opened = await context.store.open(generation.opening, limits)
    if (opened.type === 'refused') throw overLimit(opened, bound, context.now())
    live.began(generation)
    const delivery = new Delivery(reply, generation.headers)
    try {
      if (context.random() < Math.max(who.record, configuration.recording.share)) await generation.putOnTape()
      await tryEndpoints(generation, delivery, limits.length > 0)
    } catch (error) {
      generation.refusedWith(error instanceof HttpError ? error.status : 500)
      throw error
    } finally {
      delivery.close()
      try {
        await generation.settle()
      } finally {
        live.ended(generation)
      }
    }
  }
}

function urlOf({ path, query }: Incoming): string {
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Throws an HttpError that says why each endpoint was left out, where none is left. */
function routeOf(
  { now }: Context,
  { router }: Current,
  question: Question,
  who: KeyRecord,
  stickyKey: StickyKey,
): Route {
  const route = router.route(question, who, stickyKey)
  if (route.candidates.length > 0) return route
  const untils = route.exclusions.flatMap(({ code, endpoint }) =>
    code === 'cooling_down' && endpoint !== null ? (router.health.of(endpoint).until ?? []) : [],
  )
  throw noEndpoint(question, route, now(), untils.length === 0 ? null : Math.min(...untils))
}
