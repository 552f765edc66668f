/** Chooses how a streamed answer is relayed. */
import type { Dialect, Provider } from '@playhead/wire'
import { isServerSent } from '../question/server-sent.ts'
import { Passthrough } from './passthrough.ts'
import type { ContinuableRelay, RelayContext, StreamRelay } from './relay.ts'
import { type StreamForm, streamForms } from './stream-forms.ts'
import { Translation } from './translate.ts'

/** Bytes pass as they are where both sides speak the same dialect over server-sent events; else all is translated. */
export function streamRelay(
  client: Dialect,
  upstream: Dialect,
  provider: Provider,
  context: RelayContext,
): StreamRelay {
  const form = formOf(client, upstream, provider, context)
  return form === null
    ? new Translation(client, upstream, provider, context, 'tell')
    : new Passthrough(client, provider, context, form)
}

/** Always translates: a stream can only be continued where every part of it is known. */
export function continuableRelay(
  client: Dialect,
  upstream: Dialect,
  provider: Provider,
  context: RelayContext,
): ContinuableRelay {
  return new Translation(client, upstream, provider, context, 'hold')
}

/** Null where bytes cannot pass: another dialect, the same within another transport, or a client that takes only what it knows. */
function formOf(
  client: Dialect,
  upstream: Dialect,
  provider: Provider,
  context: RelayContext,
): StreamForm | null {
  if (client.name !== upstream.name || context.isStrictClient) return null
  // Bedrock wraps events into AWS's binary ones.
  if (client.name === 'anthropic-messages' && provider.host === 'bedrock') return null
  return isServerSent({ dialect: client, url: context.url }) ? (streamForms[client.name] ?? null) : null
}
