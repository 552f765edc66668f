/** `playhead providers`: who serves models, and which variables each wants. */
import { isReady, waysIn } from '@playhead/auth'
import { baseUrlOf, type DialectName, type Provider, providers, variablesOf } from '@playhead/wire'
import { exitCodes } from './exit.ts'
import { print, printJson } from './print.ts'
import { bold, columns, dim } from './terminal.ts'

export interface ProvidersCommandOptions {
  readonly json?: true
}

/** Gives the exit code. No value of a variable is ever shown. */
export async function providersCommand({ json }: ProvidersCommandOptions): Promise<number> {
  const listed = [...providers.values()].map(describe)
  if (json === true) for (const provider of listed) await printJson(provider)
  else await print(table(listed))
  return exitCodes.ok
}

/** What is known of a provider, and of the environment. */
interface Description {
  readonly name: string
  /** Whether a request would be let in: a key is set, or none is wanted. */
  readonly isReady: boolean
  /** Each list is one way in, all of its variables together; empty where no key is wanted. */
  readonly keys: readonly (readonly Variable[])[]
  /** The variables that its URL takes. */
  readonly place: readonly Variable[]
  readonly dialects: readonly DialectName[]
  readonly baseUrl: string
}

interface Variable {
  readonly name: string
  readonly isSet: boolean
}

function describe(provider: Provider): Description {
  const { name, dialects, baseUrl } = provider
  const urls = dialects.map((dialect) => baseUrlOf(provider, dialect)).join(' ')
  return {
    name,
    isReady: isReady(provider, process.env),
    keys: waysIn(provider).map((names) => names.map(variable)),
    place: variablesOf(urls).map(variable),
    dialects,
    baseUrl,
  }
}

function variable(name: string): Variable {
  return { name, isSet: (process.env[name] ?? '') !== '' }
}

function table(listed: readonly Description[]): string {
  const rows = listed.flatMap(({ name, keys, place, dialects, baseUrl }) => {
    const wanted = [...keys, ...place.map((variable) => [variable])].map(said)
    const [first = '  no key', ...others] = wanted
    return [
      [bold(name), first, dim(dialects.join(' ')), baseUrl],
      ...others.map((variables) => ['', variables, '', '']),
    ]
  })
  return `${columns(rows)}✓ set\n`
}

function said(variables: readonly Variable[]): string {
  const isSet = variables.every((variable) => variable.isSet)
  return `${isSet ? '✓' : ' '} ${variables.map(({ name }) => name).join(' + ')}`
}
