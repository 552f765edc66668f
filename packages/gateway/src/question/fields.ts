/** Looks at fields of a request that came from outside: each says what it expects, or refuses with the place. */
import { isObject, type Unread } from '@playhead/wire'
import { HttpError } from '../http-error.ts'

/** A refusal with the JSON path of what is wrong: `provider.sort: one of price, … is needed`. */
export function refusal(path: string, message: string): HttpError {
  return new HttpError(400, 'invalid-request', `${path}: ${message}`)
}

/** Whether a field says nothing. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** What an object has of its own: `__proto__` and `constructor` are names like all others. */
export function fieldOf(owner: Unread, name: string): unknown {
  return Object.hasOwn(owner, name) ? owner[name] : undefined
}

/** The object; null where nothing is said. Throws an HttpError for anything else, as all that follow do. */
export function objectOrNull(value: unknown, path: string): Unread | null {
  if (isAbsent(value)) return null
  if (!isObject(value)) throw refusal(path, 'an object is needed')
  return value
}

/** The string, which has at most so many characters. */
export function stringAt(value: unknown, path: string, most = 256): string {
  if (typeof value !== 'string' || value === '') throw refusal(path, 'a string is needed')
  if (value.length > most) throw refusal(path, `no more than ${most} characters are allowed`)
  return value
}

export function stringOrNull(value: unknown, path: string): string | null {
  return isAbsent(value) ? null : stringAt(value, path)
}

/** The list of strings, which has at most so many. */
export function stringsOrNull(value: unknown, path: string, most = 64): readonly string[] | null {
  if (isAbsent(value)) return null
  if (!Array.isArray(value)) throw refusal(path, 'a list of strings is needed')
  if (value.length > most) throw refusal(path, `no more than ${most} are allowed`)
  return value.map((element, index) => stringAt(element, `${path}[${index}]`))
}

export function booleanOr(value: unknown, otherwise: boolean, path: string): boolean {
  if (isAbsent(value)) return otherwise
  if (typeof value !== 'boolean') throw refusal(path, 'true or false is needed')
  return value
}

/** The word, one of those that are known. */
export function wordOrNull<Word extends string>(
  value: unknown,
  words: readonly Word[],
  path: string,
): Word | null {
  if (isAbsent(value)) return null
  const word = words.find((one) => one === value)
  if (word === undefined) throw refusal(path, `one of ${words.join(', ')} is needed`)
  return word
}

/** The positive whole number. */
export function countOrNull(value: unknown, path: string): number | null {
  if (isAbsent(value)) return null
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw refusal(path, 'a positive whole number is needed')
  return value
}
