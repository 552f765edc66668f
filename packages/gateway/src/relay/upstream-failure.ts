/** How upstreams fail, as clients and the account are told. */
import type { Dialect, Failure } from '@playhead/wire'
import type { ResponseHead } from '../transport/transport.ts'
import { maskedFailure } from './mask.ts'
import type { RelayContext } from './relay.ts'

/** Reads an upstream's answer whose status is an error. */
export function upstreamFailure(
  upstream: Dialect,
  { status, headers }: ResponseHead,
  bytes: Uint8Array,
  context: Pick<RelayContext, 'provider' | 'secrets'>,
): Failure {
  const reader = {
    get: (name: string) => headers.find(([other]) => other === name)?.[1] ?? null,
  }
  return toldFailure(upstream.client.decodeError(status, reader, new TextDecoder().decode(bytes)), context)
}

/** With who failed, and without keys in its words, above all the credential that was sent. */
export function toldFailure(failure: Failure, context: Pick<RelayContext, 'provider' | 'secrets'>): Failure {
  return { ...maskedFailure(failure, context.secrets()), provider: failure.provider ?? context.provider }
}

/** An answer that was cut short, by what cut it. What the upstream itself says went wrong goes before that. */
export function cutShort(own: Failure, cause: Failure | undefined): Failure {
  if (cause === undefined || own.code !== 'truncated') return own
  const { usage, cost, partial } = own
  return { ...cause, usage: cause.usage ?? usage, cost: cause.cost ?? cost, partial }
}
