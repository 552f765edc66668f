/** Relays an answer that is no stream. */
import type { Answer, Dialect } from '@playhead/wire'
import { spliced, toldCost, usagePaths } from './cost.ts'
import { headOf, outcomeOf, toldAnswer } from './head.ts'
import type { PlainAnswer, RelayContext } from './relay.ts'
import { latin1 } from './sse-frames.ts'
import { toldFailure } from './upstream-failure.ts'

const json = 'application/json'
const utf8 = new TextDecoder()

/**
 * In the same dialect its bytes stay, but for the cost, and `contentType`, which the upstream gave them. An answer that is an
 * error in a 200 is a failure, told in the client's dialect.
 */
export function plainRelay(
  client: Dialect,
  upstream: Dialect,
  context: RelayContext,
  contentType: string | undefined,
  bytes: Uint8Array,
): PlainAnswer {
  const answer = upstream.client.decodeResponse(utf8.decode(bytes))
  if (answer.type === 'failure') {
    const failure = toldFailure(answer, context)
    const { body } = client.server.encodeError(failure)
    return { body, contentType: json, outcome: { type: 'failure', failure } }
  }
  const outcome = outcomeOf(answer)
  if (client.name !== upstream.name) {
    const body = client.server.encodeResponse(toldAnswer(answer, context), headOf(context))
    const isOwn = context.upstreamCost !== null
    return {
      body: isOwn ? withCost(client, answer, context, Buffer.from(body)) : body,
      contentType: json,
      outcome,
    }
  }
  return { body: withCost(client, answer, context, bytes), contentType: contentType ?? json, outcome }
}

function withCost({ name }: Dialect, answer: Answer, context: RelayContext, bytes: Uint8Array): Uint8Array {
  const path = usagePaths[name]?.plain
  if (path === undefined || answer.usage === null) return bytes
  const text = latin1(bytes)
  const splice = toldCost(text, path, context, answer.usage, answer.cost)
  return splice === null ? bytes : Buffer.from(spliced(text, splice), 'latin1')
}
