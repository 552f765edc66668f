/** Reads `playhead.yaml`: all that it says, checked, with its secrets and defaults filled in. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Environment } from '@playhead/wire'
import type { Configuration, ConfiguredProvider, StoreConfiguration } from './configuration.ts'
import { file, type Written } from './fields.ts'
import { ConfigurationError, type Mistake } from './mistake.ts'
import { configuredModels } from './models.ts'
import { configuredProviders, readyProviders } from './providers.ts'
import { looksLikeKey } from './secret.ts'
import { pathTo, type Reading, type Spot } from './shape.ts'
import { builtInTapes } from './tapes.ts'
import { type Node, readTree, TreeError } from './tree.ts'

export interface ReadOptions {
  /** The file's path: for mistakes, and because relative paths in it start at its folder. */
  readonly file: string
  /** The process's variables: keys of providers, and what `env:NAME` says. */
  readonly environment: Environment
  /** Where data goes that the file says nothing of: the store, tapes. */
  readonly home: string
}

/** No configuration of people is larger, in characters; what is read by mistake may be. */
const maxLength = 4_000_000

/**
 * Reads the text of a configuration, YAML or JSON; null where there is no file: every default. Throws a ConfigurationError
 * that has every mistake at once.
 */
export function readConfiguration(text: string | null, options: ReadOptions): Configuration {
  const reader = new Reader(text ?? '', options)
  const node = reader.readTree()
  const configuration = node === null ? null : configurationOf({ node, path: '' }, reader, options)
  if (configuration === null || reader.mistakes.length > 0)
    throw new ConfigurationError(options.file, reader.mistakes)
  return configuration
}

/**
 * Where the store is, for those who only look into it: what else the configuration says, and whether its keys are set, does
 * not matter to them. Throws a ConfigurationError for a text that cannot be read, or a wrong `store`.
 */
export function readStorePlace(text: string | null, options: ReadOptions): StoreConfiguration {
  const reader = new Reader(text ?? '', options)
  const node = reader.readTree()
  const written = node === null ? undefined : file.read({ node, path: '' }, reader)
  const mistakes = reader.mistakes.filter(({ path }) => path === '' || path === 'store')
  if (written === undefined || mistakes.length > 0) throw new ConfigurationError(options.file, mistakes)
  return written.store ?? storeIn(options.home)
}

function storeIn(home: string): StoreConfiguration {
  return { type: 'sqlite', path: join(resolve(home), 'gateway.sqlite') }
}

function configurationOf(root: Spot, reader: Reader, options: ReadOptions): Configuration | null {
  tellKeys(root, reader)
  const written = file.read(root, reader)
  if (written === undefined) return null
  const providers = providersOf(written, reader)
  return {
    port: written.port,
    host: written.host,
    adminPort: adminPortOf(written, reader),
    store: written.store ?? storeIn(options.home),
    providers,
    models: configuredModels(written, providers, reader),
    tapes: tapesOf(written, reader),
    unpriced: written.unpriced,
    limits: written.limits,
    timeouts: written.timeouts,
    failover: written.failover,
    clientLeft: written.clientLeft,
    recording: {
      folder: written.record.folder ?? join(resolve(options.home), 'tapes'),
      share: written.record.share,
    },
    telemetry: written.telemetry,
    server: written.server,
  }
}

function providersOf({ providers }: Written, reader: Reader): ReadonlyMap<string, ConfiguredProvider> {
  return providers === null ? readyProviders(reader.environment) : configuredProviders(providers, reader)
}

function adminPortOf({ port, adminPort }: Written, reader: Reader): number | null {
  if (adminPort === null) return null
  if (adminPort.value === port && port !== 0)
    reader.tell(adminPort.spot, `must be another port than ${port}: leave it out to take admin calls there`)
  return adminPort.value
}

function tapesOf({ tapes }: Written, reader: Reader): ReadonlyMap<string, string> {
  if (tapes === null) return builtInTapes()
  for (const { value, spot } of tapes.values())
    if (!existsSync(value)) reader.tell(spot, `there is no file ${value}: name a cassette`)
  return new Map(Array.from(tapes, ([name, { value }]) => [name, value]))
}

/** A key that stands in the file is told wherever it stands, and never shown. */
function tellKeys({ node, path }: Spot, reader: Reader): void {
  if (node.type === 'scalar' && looksLikeKey(node.text))
    reader.tell({ node, path }, 'looks like a key: keep it elsewhere and say env:NAME or file:/path')
  if (node.type === 'map')
    for (const { name, value } of node.entries) tellKeys({ node: value, path: pathTo(path, name) }, reader)
  if (node.type === 'list')
    for (const [index, item] of node.items.entries())
      tellKeys({ node: item, path: `${path}[${index}]` }, reader)
}

/** Collects the mistakes of one reading, with their lines. */
class Reader implements Reading {
  readonly mistakes: Mistake[] = []
  readonly environment: Environment
  readonly folder: string
  readonly #text: string

  constructor(text: string, options: ReadOptions) {
    this.#text = text
    this.environment = options.environment
    this.folder = dirname(resolve(options.file))
  }

  /** Null where it is no YAML, which is told. */
  readTree(): Node | null {
    try {
      if (this.#text.length > maxLength)
        throw new TreeError(0, `the file is longer than ${maxLength} characters: is it another one?`)
      return readTree(this.#text)
    } catch (error) {
      if (!(error instanceof TreeError)) throw error
      this.#tellAt(error.at, '', error.message)
      return null
    }
  }

  tell({ node, path }: Spot, message: string): void {
    this.#tellAt(node.at, path, message)
  }

  #tellAt(at: number, path: string, message: string): void {
    const before = this.#text.slice(0, at).split(/\r\n|\r|\n/)
    const mistake = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, path, message }
    const isTold = this.mistakes.some((one) => one.path === path && one.line === mistake.line)
    // One value, one mistake: what follows from it would only hide it.
    if (!isTold || path === '') this.mistakes.push(mistake)
  }
}
