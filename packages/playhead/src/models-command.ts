/** `playhead models`: asks providers which models they serve. */
import { isReady, missingCredentials, waysIn } from '@playhead/auth'
import { type Provider, providers } from '@playhead/wire'
import { exitCodes, messageOf, UsageError } from './exit.ts'
import { listModels, type ListedModel } from './model-list.ts'
import { outputClosed, print, printable, printError, printJson } from './print.ts'
import { columns, dim } from './terminal.ts'

export interface ModelsCommandOptions {
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly json?: true
}

/** Gives the exit code: 1 when a provider did not answer, after the others are done. */
export async function modelsCommand(
  name: string | undefined,
  options: ModelsCommandOptions,
): Promise<number> {
  const asked = name === undefined ? withKeys(options) : [named(name, options)]
  let exitCode: number = exitCodes.ok
  for (const provider of asked) {
    if (outputClosed.aborted) break
    try {
      await show(provider, await listModels(provider, options), options)
    } catch (error) {
      printError(`${provider.name}: ${messageOf(error)}`)
      exitCode = exitCodes.failed
    }
  }
  return exitCode
}

function named(name: string, { baseUrl, apiKey }: ModelsCommandOptions): Provider {
  const provider = providers.get(name)
  if (provider === undefined) {
    throw new UsageError(`"${name}" is none of these providers: ${[...providers.keys()].join(', ')}`)
  }
  const isOpen = baseUrl !== undefined || apiKey !== undefined || isReady(provider, process.env)
  if (isOpen) return provider
  throw new UsageError(missingCredentials(provider).message)
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
  throw new UsageError('No provider’s key is set: playhead providers lists the variables')
}

async function show(
  { name }: Provider,
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
