/** What follows a failed attempt. */
import type { FailureCode } from '@playhead/wire'
import type { AttemptResult } from '../route/route.ts'

export interface AfterFailure {
  /** What is tried next: another endpoint, an endpoint of another model, or nothing. */
  readonly next: 'endpoint' | 'model' | 'nothing'
  /**
   * Whether it says something of the endpoint, or only of the request. `maybe`: of the endpoint, unless the request names
   * what only its provider has, a file or an earlier answer, which may be what is not there or not allowed.
   */
  readonly health: AttemptResult['type'] | 'maybe'
}

const endpointFailed: AfterFailure = { next: 'endpoint', health: 'failure' }
const somethingIsMissing: AfterFailure = { next: 'endpoint', health: 'maybe' }
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
  permission: somethingIsMissing,
  'not-found': somethingIsMissing,
  unknown: endpointFailed,
  'rate-limited': endpointFailed,
  overloaded: endpointFailed,
  server: endpointFailed,
  timeout: endpointFailed,
  network: endpointFailed,
  truncated: endpointFailed,
  malformed: endpointFailed,
}
