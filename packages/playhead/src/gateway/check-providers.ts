/** Checks that providers can be spoken to. */
import { type Configuration, type ConfiguredProvider, keyVariableOf } from '@playhead/gateway/admin'
import { type DialectName, type Provider, providers } from '@playhead/wire'
import { messageOf } from '../exit.ts'
import { listModels } from '../model-list.ts'
import { count } from '../terminal.ts'
import { type Check, doubtful, fine, wrong } from './check.ts'

/** That keys are there has been checked with the configuration; whether they are right, only the provider can say. */
export async function checkProviders(
  { providers }: Configuration,
  { isOnline }: { readonly isOnline: boolean },
): Promise<readonly Check[]> {
  if (providers.size === 0)
    return [
      doubtful(
        'providers',
        'there are none, so only tapes answer: playhead providers lists the variables of keys',
      ),
    ]
  return Promise.all(Array.from(providers.values(), (provider) => check(provider, isOnline ? 'ask' : 'look')))
}

async function check(configured: ConfiguredProvider, how: 'ask' | 'look'): Promise<Check> {
  const what = `provider ${configured.name}`
  const { baseUrl, allowsPrivate } = configured
  if (baseUrl !== null && baseUrl.startsWith('http:') && !allowsPrivate)
    return wrong(what, `${baseUrl} is not encrypted, and its key goes there: use https`)
  if (how === 'look') return fine(what, baseUrl ?? 'its key is set (--online asks it)')
  const known = providers.get(configured.kind)
  if (known === undefined) return wrong(what, `there is no kind ${configured.kind}`)
  if (known.modelsUrl === null) return fine(what, 'its key is set; it does not list its models')
  try {
    const models = await listModels(spokenTo(known, configured), {
      environment: configured.environment,
      ...(baseUrl !== null && { baseUrl }),
    })
    return fine(what, `it answers, with ${count(models.length, 'model')}`)
  } catch (error) {
    return wrong(what, `it was asked for its models: ${messageOf(error)}`)
  }
}

/** With the key's variable that a server of one's own has. */
function spokenTo(known: Provider, { dialects, environment }: ConfiguredProvider): Provider {
  const own = keyVariableOf(known)
  const keyVariable = known.keyVariable ?? ((environment[own] ?? '') === '' ? null : own)
  const spoken: readonly DialectName[] = dialects ?? known.dialects
  return { ...known, keyVariable, dialects: spoken }
}
