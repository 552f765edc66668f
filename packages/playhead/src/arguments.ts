/** Arguments that several commands take. */
import { InvalidArgumentError } from 'commander'

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function wholeNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number of at least 0.')
}

export function port(value: string): number {
  const number = Number(value)
  if (/^\d{1,5}$/.test(value) && number < 65_536) return number
  throw new InvalidArgumentError('It must be a port: 0 to 65535.')
}
