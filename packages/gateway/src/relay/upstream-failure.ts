/** Reads an upstream's answer whose status is an error. */
import type { Dialect, Failure } from '@playhead/wire'
import type { ResponseHead } from '../transport/transport.ts'
import { maskedFailure } from './mask.ts'

/** Without keys in its words. `secrets` are more of them than look like keys: the credential that was sent. */
export function upstreamFailure(
  upstream: Dialect,
  status: number,
  headers: ResponseHead['headers'],
  bytes: Uint8Array,
  secrets: readonly string[] = [],
): Failure {
  const reader = {
    get: (name: string) => headers.find(([other]) => other === name)?.[1] ?? null,
  }
  return maskedFailure(upstream.client.decodeError(status, reader, new TextDecoder().decode(bytes)), secrets)
}
