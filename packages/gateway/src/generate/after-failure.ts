/** What follows a failed attempt. */
import type { FailureCode } from '@playhead/wire'
import type { AttemptResult } from '../route/route.ts'

export interface AfterFailure {
  /** What is tried next: another endpoint, an endpoint of another model, or nothing. */
  readonly next: 'endpoint' | 'model' | 'nothing'
  /** Whether it says something of the endpoint, or only of the request. */
  readonly health: AttemptResult['type']
}

const endpointFailed: AfterFailure = { next: 'endpoint', health: 'failure' }
const modelCannot: AfterFailure = { next: 'model', health: 'neutral' }
const requestIsWrong: AfterFailure = { next: 'nothing', health: 'neutral' }

export const afterFailure: Readonly<Record<FailureCode, AfterFailure>> = {
  'invalid-request': requestIsWrong,
  /** The same model has the same context everywhere, or near enough: trying again is waiting for nothing. */
  'context-length': modelCannot,
  'too-large': modelCannot,
  /** What one provider refuses to answer is not shopped around. */
  'content-filter': requestIsWrong,
  /** Our key there, not the client's. */
  auth: endpointFailed,
  payment: endpointFailed,
  permission: endpointFailed,
  'not-found': endpointFailed,
  unknown: endpointFailed,
  'rate-limited': endpointFailed,
  overloaded: endpointFailed,
  server: endpointFailed,
  timeout: endpointFailed,
  network: endpointFailed,
  truncated: endpointFailed,
  malformed: endpointFailed,
}
