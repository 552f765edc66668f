/** What an HTTP response says of a failure, in every dialect. */
import type { Failure, FailureCode } from './answer.ts'
import { codeOfMessage } from './failure.ts'

const statuses: Readonly<Record<FailureCode, number>> = {
  'invalid-request': 400,
  'context-length': 400,
  'content-filter': 400,
  auth: 401,
  payment: 402,
  permission: 403,
  'not-found': 404,
  'too-large': 413,
  unknown: 500,
  'rate-limited': 429,
  overloaded: 503,
  server: 500,
  timeout: 504,
  network: 502,
  truncated: 502,
  malformed: 502,
}

/** The failure's own status where it is one of an error; else the one that its code means. */
export function errorStatus({ code, status }: Failure): number {
  return status !== null && status >= 400 && status <= 599 ? status : statuses[code]
}

/** What a dialect that has one word for all that is wrong with a request tells by the message alone. */
const words: Readonly<Partial<Record<FailureCode, string>>> = {
  'context-length': 'prompt is too long',
  'content-filter': 'blocked by a content filter',
  'too-large': 'request too large',
}

/** The failure's message, with the words for its code where it lacks them. */
export function messageFor({ code, message }: Failure): string {
  const said = words[code]
  return said === undefined || codeOfMessage(message) === code ? message : `${said}: ${message}`
}

/** `retry-after`, in whole seconds, where the failure says when. */
export function retryHeaders({ retryAfter }: Failure): Record<string, string> {
  return retryAfter === null ? {} : { 'retry-after': String(Math.ceil(retryAfter / 1000)) }
}
