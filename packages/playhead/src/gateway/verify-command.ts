/** `playhead ledger verify`: derives the ledger again, from its own lines and from recorded traffic. */
import {
  type Configuration,
  type Difference,
  eachGeneration,
  findTape,
  type GenerationRecord,
  type KeyRecord,
  limitsOfAll,
  limitsOwnedBy,
  loadPrices,
  type OwnedLimit,
  type PriceOf,
  type Store,
  verifyLimit,
  verifySums,
  verifyTape,
} from '@playhead/gateway/admin'
import { openCassette, TapeError } from '@playhead/tape'
import { exitCodes } from '../exit.ts'
import { outputClosed, print, printable, printError, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { findInstallation, type InstallationOptions, withStore } from './installation.ts'
import { filterOf, type FilterOptions, refuseUnknownKey } from './generation-filter.ts'
import { configurationAt, recordingFolder } from './recordings.ts'

export interface VerifyCommandOptions
  extends InstallationOptions, Pick<FilterOptions, 'from' | 'to' | 'key'> {
  readonly json?: true
}

/** Gives the exit code: 1 where the ledger says one thing and what it is derived from another. */
export async function verifyCommand(options: VerifyCommandOptions): Promise<number> {
  const installation = findInstallation(options)
  const configuration = configurationAt(installation)
  const isReadable = typeof configuration !== 'string'
  if (!isReadable)
    printError(`prices and limits of the configuration are left out, for it cannot be read: ${configuration}`)
  const folder = recordingFolder(installation, configuration)
  const priceOf = isReadable ? await loadPrices(configuration) : () => null
  const filter = filterOf(options, Date.now())
  return withStore(installation, 'refuse', async (store) => {
    await refuseUnknownKey(store, filter)
    const report = new Report(options.json === true)
    for await (const record of eachGeneration(store, filter)) {
      if (outputClosed.aborted) break
      await verifyOne(record, { folder, priceOf, report })
    }
    for (const owned of limitsOf(await store.listKeys(), isReadable ? configuration.limits : [], options.key))
      await verifyOwned(store, owned, report)
    await report.total()
    return report.hasDifferences ? exitCodes.failed : exitCodes.ok
  })
}

/** Those of keys, and of the gateway where it is not about one key. */
function limitsOf(
  keys: readonly KeyRecord[],
  limits: Configuration['limits'],
  key: string | undefined,
): readonly OwnedLimit[] {
  return [
    ...keys.filter(({ id }) => key === undefined || id === key).flatMap(limitsOwnedBy),
    ...(key === undefined ? limitsOfAll(limits) : []),
  ]
}

interface Means {
  /** Where recordings are looked for that are not where the ledger says. */
  readonly folder: string
  readonly priceOf: PriceOf
  readonly report: Report
}

async function verifyOne(record: GenerationRecord, { folder, priceOf, report }: Means): Promise<void> {
  if (record.outcome === 'open') return report.counts('open')
  await report.differences(record.id, verifySums(record))
  const file = findTape(record, folder)
  if (file === null) return report.counts(record.tape === null ? 'notOnTape' : 'tapeGone')
  try {
    using cassette = await openCassette(file)
    const found = cassette === undefined ? null : verifyTape(record, cassette, priceOf)
    report.counts(found === null ? 'notUnderstood' : 'onTape')
    await report.differences(record.id, found ?? [])
  } catch (error) {
    if (!(error instanceof TapeError)) throw error
    await report.unreadable(record.id, error.message)
  }
}

async function verifyOwned(store: Store, owned: OwnedLimit, report: Report): Promise<void> {
  const found = await verifyLimit(store, owned, Date.now)
  report.counts(found === null ? 'limitsThatMoved' : 'limits')
  await report.differences(null, found ?? [])
}

type Counted = 'onTape' | 'notOnTape' | 'tapeGone' | 'notUnderstood' | 'open' | 'limits' | 'limitsThatMoved'

/** How a difference is told, by what it was derived from. */
const sources: Readonly<Record<Difference['from'], (derived: string) => string>> = {
  attempts: (derived) => `its attempts ${derived}`,
  tape: (derived) => `its tape ${derived}`,
  prices: (derived) => `the tokens on its tape ${derived} by today’s prices`,
  counter: (derived) => `the counter ${derived}`,
}

/** What was found, said as it is found, and counted. */
class Report {
  readonly #isJson: boolean
  readonly #counts: Record<Counted, number> = {
    onTape: 0,
    notOnTape: 0,
    tapeGone: 0,
    notUnderstood: 0,
    open: 0,
    limits: 0,
    limitsThatMoved: 0,
  }
  #unreadable = 0
  #differences = 0

  constructor(isJson: boolean) {
    this.#isJson = isJson
  }

  get hasDifferences(): boolean {
    return this.#differences + this.#unreadable > 0
  }

  counts(what: Counted): void {
    this.#counts[what] += 1
  }

  /** `generation` is null for what is about a limit. */
  async differences(generation: string | null, found: readonly Difference[]): Promise<void> {
    this.#differences += found.length
    for (const difference of found) {
      const { what, ledger, derived, from } = difference
      const said = `${what}: the ledger has ${ledger}, ${sources[from](derived)}`
      await (this.#isJson
        ? printJson({ type: 'difference', generation, ...difference })
        : this.#line(generation, said))
    }
  }

  /** A tape that is there and is none. */
  async unreadable(generation: string, message: string): Promise<void> {
    this.#unreadable += 1
    await (this.#isJson
      ? printJson({ type: 'unreadable', generation, message })
      : this.#line(generation, `its tape cannot be read: ${message}`))
  }

  async total(): Promise<void> {
    const unreadable = this.#unreadable
    if (this.#isJson) {
      await printJson({ type: 'total', ...this.#counts, unreadable, differences: this.#differences })
      return
    }
    const { onTape, notOnTape, tapeGone, notUnderstood, open, limits, limitsThatMoved } = this.#counts
    const others: readonly (readonly [number: number, says: string])[] = [
      [notOnTape, 'not on tape'],
      [tapeGone, 'whose tape is not here'],
      [notUnderstood, 'in no dialect that is known'],
      [unreadable, 'on a tape that cannot be read'],
      [open, 'still open'],
    ]
    const unverified = others.flatMap(([number, says]) => (number === 0 ? [] : [`${number} ${says}`]))
    const moved = limitsThatMoved === 0 ? '' : `, ${limitsThatMoved} written to all the while`
    await print(
      [
        `derived from tape: ${count(onTape, 'generation')}`,
        ...(unverified.length === 0 ? [] : [`only its sums could be verified of: ${unverified.join(', ')}`]),
        `${count(limits, 'limit')}${moved}`,
        this.hasDifferences ? count(this.#differences, 'difference') : 'nothing differs',
      ].join('\n') + '\n',
    )
  }

  #line(generation: string | null, said: string): Promise<void> {
    const line = generation === null ? said : `${generation} ${said}`
    return print(`${printable(line).replaceAll(/\s*\n\s*/g, ' ')}\n`)
  }
}
