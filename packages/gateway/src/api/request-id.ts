/** One id through all logs and headers of a request. */
import { letters } from '../ids.ts'

const wellFormed = /^[\w.:-]{1,128}$/

/** The client's own, where it can stand in a header and a log; else a new one. */
export function requestIdOf(said: string | undefined): string {
  return said !== undefined && wellFormed.test(said) ? said : `req-${letters(20)}`
}
