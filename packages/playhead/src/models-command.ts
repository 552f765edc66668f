/** `playhead models`: asks providers which models they serve, or shows what the catalogue knows of them. */
import { type Catalogue, loadCatalogue } from '@playhead/gateway/admin'
import { isReady, missingCredentials, waysIn } from '@playhead/auth'
import { type Provider, providers } from '@playhead/wire'
import { cataloguedModels, withCatalogue } from './catalogued-models.ts'
import { exitCodes, messageOf, UsageError, usageErrorOf } from './exit.ts'
import { listModels, type ListedModel } from './model-list.ts'
import { outputClosed, print, printable, printError, printJson } from './print.ts'
import { columns, dim } from './terminal.ts'

export interface ModelsCommandOptions {
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly prices?: true
  readonly json?: true
}

/** Gives the exit code: 1 when a provider did not answer, after the others are done. */
export async function modelsCommand(
  name: string | undefined,
  options: ModelsCommandOptions,
): Promise<number> {
  const catalogue = await loadCatalogue()
  if (options.prices === true) return showPrices(name, catalogue, options)
  const asked = name === undefined ? withKeys(options) : [ready(named(name), options)]
  let exitCode: number = exitCodes.ok
  for (const provider of asked) {
    if (outputClosed.aborted) break
    try {
      const models = await listModels(provider, options)
      // What stands elsewhere than at the provider's own place has prices of its own.
      const known = options.baseUrl === undefined ? withCatalogue(provider.name, models, catalogue) : models
      await show(provider.name, known, options)
    } catch (error) {
      printError(`${provider.name}: ${messageOf(error)}`)
      exitCode = exitCodes.failed
    }
  }
  return exitCode
}

/** Asks nobody: no key is needed. */
async function showPrices(
  name: string | undefined,
  catalogue: Catalogue,
  options: ModelsCommandOptions,
): Promise<number> {
  if (options.baseUrl !== undefined || options.apiKey !== undefined)
    throw new UsageError('--prices asks nobody: it takes no --base-url and no --api-key')
  const names = name === undefined ? [...providers.keys()] : [named(name).name]
  let shown = 0
  for (const one of names) {
    if (outputClosed.aborted) break
    const models = cataloguedModels(one, catalogue)
    shown += models.length
    await show(one, models, options)
  }
  if (shown === 0) printError(`the catalogue has no prices of ${names.join(', ')}`)
  return exitCodes.ok
}

function named(name: string): Provider {
  const provider = providers.get(name)
  if (provider !== undefined) return provider
  throw new UsageError(`"${name}" is none of these providers: ${[...providers.keys()].join(', ')}`)
}

function ready(provider: Provider, { baseUrl, apiKey }: ModelsCommandOptions): Provider {
  const isOpen = baseUrl !== undefined || apiKey !== undefined || isReady(provider, process.env)
  if (isOpen) return provider
  throw usageErrorOf(missingCredentials(provider))
}

function withKeys({ baseUrl, apiKey }: ModelsCommandOptions): readonly Provider[] {
  if (baseUrl !== undefined || apiKey !== undefined) {
    throw new UsageError('--base-url and --api-key are one provider’s: playhead models PROVIDER')
  }
  const found = [...providers.values()].filter(
    (provider) =>
      waysIn(provider).length > 0 && provider.modelsUrl !== null && isReady(provider, process.env),
  )
  if (found.length > 0) return found
  throw new UsageError('no provider’s key is set: playhead providers lists the variables')
}

async function show(
  name: string,
  models: readonly ListedModel[],
  { json }: ModelsCommandOptions,
): Promise<void> {
  if (json === true) {
    for (const model of models) await printJson({ provider: name, ...model })
    return
  }
  const rows = models.map(({ id, contextLength, inputPrice, outputPrice }) => [
    printable(`${name}/${id}`).replaceAll('\n', ' '),
    contextLength === null ? '' : dim(`${contextLength} tokens`),
    inputPrice === null || outputPrice === null
      ? ''
      : dim(`$${inputPrice} in, $${outputPrice} out per million`),
  ])
  await print(columns(rows))
}
