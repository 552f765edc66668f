/** Reads faults from a small file: `calc.faults.json` lies over `calc.tape.jsonl`. */
import { readFile } from 'node:fs/promises'
import { TapeError } from '../error.ts'
import { cassetteStem } from '../cassette-files.ts'
import type { Fault } from './fault.ts'

/** The name of the file whose faults are laid over a cassette. */
export function faultsFileOf(cassette: string): string {
  return `${cassetteStem(cassette)}.faults.json`
}

/** The faults in a file: a list, or `{"faults": [...]}`. Undefined when there is no such file; throws a TapeError for what is none. */
export async function readFaults(file: string): Promise<readonly Fault[] | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TapeError('unreadable', 'the faults cannot be read', { file, cause: error })
  }
  try {
    return parseFaults(JSON.parse(text))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new TapeError('unreadable', `the faults cannot be read: ${why}`, { file, cause: error })
  }
}

/** What each type of fault may say besides `type`, `at` and `times`, and whether it must. */
const fields: Readonly<Record<Fault['type'], Readonly<Record<string, FieldRule>>>> = {
  cut: { events: 'integer', bytes: 'integer' },
  reset: { events: 'integer', bytes: 'integer', head: 'false' },
  stall: { events: 'integer', bytes: 'integer', for: 'from 0' },
  delay: { for: 'from 0!' },
  status: { status: 'status!', retryAfter: 'from 0', message: 'text' },
  malformed: { events: 'integer', bytes: 'integer' },
  duplicate: { events: 'integer', bytes: 'integer' },
  'error-event': { events: 'integer', bytes: 'integer', message: 'text' },
}

type FieldRule = 'integer' | 'false' | 'from 0' | 'from 0!' | 'status!' | 'text'

/** Throws a RangeError that names the place of what is no fault. */
export function parseFaults(wire: unknown): readonly Fault[] {
  const list = isRecord(wire) ? wire['faults'] : wire
  if (!Array.isArray(list)) throw new RangeError('faults must be a list, or {"faults": [...]}')
  return list.map((fault, index) => parseFault(fault, `faults[${index}]`))
}

function parseFault(wire: unknown, path: string): Fault {
  const type = isRecord(wire) ? wire['type'] : undefined
  if (!isRecord(wire) || typeof type !== 'string' || !Object.hasOwn(fields, type))
    throw new RangeError(`${path}.type must be one of ${Object.keys(fields).join(', ')}`)
  const rules = fields[type as Fault['type']]
  for (const [name, value] of Object.entries(wire)) {
    if (name === 'type') continue
    if (name === 'at')
      check(Number.isSafeInteger(value) && Number(value) >= 0, `${path}.at`, 'a place from 0')
    else if (name === 'times') check(isTimes(value), `${path}.times`, 'a number from 1, or "always"')
    else if (!Object.hasOwn(rules, name)) throw new RangeError(`${path}.${name} is no field of "${type}"`)
  }
  if (wire['events'] !== undefined && wire['bytes'] !== undefined)
    throw new RangeError(`${path} is behind so many events or bytes, not both`)
  for (const [name, rule] of Object.entries(rules)) checkField(wire[name], rule, `${path}.${name}`)
  return wire as unknown as Fault
}

function checkField(value: unknown, rule: FieldRule, path: string): void {
  if (value === undefined && !rule.endsWith('!')) return
  switch (rule) {
    case 'integer':
      return check(Number.isSafeInteger(value), path, 'a whole number')
    case 'false':
      return check(value === false, path, 'false')
    case 'from 0':
    case 'from 0!':
      return check(typeof value === 'number' && value >= 0 && Number.isFinite(value), path, 'a number from 0')
    case 'status!':
      return check(
        Number.isSafeInteger(value) && Number(value) >= 200 && Number(value) <= 599,
        path,
        'a status',
      )
    case 'text':
      return check(typeof value === 'string', path, 'a text')
  }
}

function isTimes(value: unknown): boolean {
  return value === 'always' || (Number.isSafeInteger(value) && Number(value) >= 1)
}

function check(isFine: boolean, path: string, wanted: string): void {
  if (!isFine) throw new RangeError(`${path} must be ${wanted}`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
