/** What a client is told of a connection that failed. */
import { type Failure, failure, type FailureCode } from '@playhead/wire'
import type { Endpoint } from '../endpoint.ts'
import type { TransportError, TransportErrorCode } from '../transport/transport.ts'

const codes: Readonly<Record<TransportErrorCode, FailureCode>> = {
  connect: 'network',
  'connect-timeout': 'timeout',
  'head-timeout': 'timeout',
  reset: 'network',
  malformed: 'malformed',
  miss: 'not-found',
}

export function failureOf(error: TransportError, { provider }: Endpoint): Failure {
  return failure(codes[error.code], error.message, { provider: provider.name })
}
