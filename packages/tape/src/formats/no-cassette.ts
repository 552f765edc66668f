/** Files that are nobody's cassettes, as most of a folder are: how they are told from broken ones, and what is said of them. */
import { TapeError } from '../error.ts'

/** Throws for a text whose parser gave up: what that says helps only who meant a cassette. */
export function refuse(error: unknown, text: string, file: string): never {
  throw isLikeCassette(text) ? error : noCassette(file)
}

export function noCassette(file: string, cause?: unknown): TapeError {
  return new TapeError('unreadable', unknown, { file, cause })
}

/** Bytes that are no text. */
export function noText(bytes: Uint8Array, file: string, cause: unknown): TapeError {
  const like = isLikeCassette(Buffer.from(bytes.subarray(0, enough)).toString('latin1'))
  const detail = like ? 'it is not UTF-8 text, as every cassette is; save it as such.' : binary
  return new TapeError('unreadable', detail, { file, cause })
}

/** Whether a file could not be read because it is nobody's cassette. */
export function isNoCassette(error: unknown): boolean {
  return error instanceof TapeError && (error.detail === unknown || error.detail === binary)
}

const known =
  'native tapes are read, go-vcr, vcrpy, Ruby VCR, HAR, nock and others: docs/recording.md lists them.'
const unknown = `it is no cassette of a format that is known: ${known}`
const binary = `it is not UTF-8 text, so it is no cassette of a format that is known: ${known}`

/** Whether a text begins as a cassette does, whatever comes then. */
export function isLikeCassette(text: string): boolean {
  const start = text.slice(0, enough)
  return jsonStart.test(start) ? jsonName.test(start) : yamlStart.test(start)
}

/** Characters. */
const enough = 65_536

const jsonStart = /^\s*[[{]\s*["[{]/
const jsonName =
  /"(?:log|scope|snapshot|fixtures|recordings|RequestUri|interactions|http_interactions|requests?)"/i

/** Behind remarks, a version, and what a merge that is not done has left. */
const yamlStart =
  /^(?:[ \t]*(?:(?:#|---|<{7}|version:|recorded_with:).*)?\r?\n)*(?:-\s*)?["']?(?:interactions|http_interactions|requests?|responses?)["']?[ \t]*:/
