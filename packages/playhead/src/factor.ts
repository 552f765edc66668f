/** An argument that says how fast a replay answers. */
import { InvalidArgumentError } from 'commander'

export function factor(value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && number >= 0 && Number.isFinite(number)) return number
  throw new InvalidArgumentError('It must be a number of at least 0.')
}
