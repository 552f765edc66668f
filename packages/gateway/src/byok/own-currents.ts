/** What is served to a key that has upstream keys of its own: the same configuration with them in it, routed by itself. */
import type { Configuration, ConfiguredProvider } from '../config/configuration.ts'
import type { Current } from '../context.ts'
import type { Log } from '../log.ts'
import type { Endpoints, OwnKeys } from '../route/endpoints.ts'
import { Recent } from '../route/recent.ts'
import type { Router } from '../route/route.ts'
import type { KeyRecord } from '../store/store.ts'
import { ownProvider } from './own-provider.ts'
import { unsealed } from './sealed-keys.ts'

export interface OwnCurrentsParts {
  /** What is served to all others. */
  readonly current: Current
  readonly endpoints: Pick<Endpoints, 'providers'>
  /** What upstream keys are sealed with. */
  readonly secret: string
  readonly log: Log
  /** Routes over the providers of another configuration. */
  readonly routerFor: (configuration: Configuration, own: OwnKeys) => Router
}

/** For so many keys it is kept: each has models and prices of its own, and a proof for each provider. */
const mostKept = 200

/** Made for a key when it first asks, and anew when its record says something else. */
export function ownCurrents(parts: OwnCurrentsParts): (who: KeyRecord) => Current {
  const kept = new Recent<{ readonly who: KeyRecord; readonly current: Current }>(mostKept)
  return (who) => {
    if (who.byok === null) return parts.current
    const known = kept.get(who.id)
    if (known !== undefined && isSame(known.who, who)) return known.current
    const current = currentOf(who, parts)
    kept.set(who.id, { who, current })
    return current
  }
}

/** A key is sealed anew whenever it is set, so the same text is the same key. */
function isSame(one: KeyRecord, other: KeyRecord): boolean {
  if (one === other) return true
  return one.countsByok === other.countsByok && JSON.stringify(one.byok) === JSON.stringify(other.byok)
}

function currentOf(
  who: KeyRecord,
  { current, endpoints, secret, log, routerFor }: OwnCurrentsParts,
): Current {
  const { configuration } = current
  const all = new Map(configuration.providers)
  const own: ConfiguredProvider[] = []
  for (const [name, upstreamKey] of unsealed(who, secret)) {
    const provider = upstreamKey === null ? unreadable : ownProvider(name, upstreamKey, configuration)
    if (typeof provider === 'string') {
      log({ level: 'error', event: 'upstream key not used', key: who.id, provider: name, problem: provider })
      // Its holder does not want to be served with the gateway's key.
      all.delete(name)
    } else {
      own.push(provider)
      all.set(name, provider)
    }
  }
  const ownConfiguration: Configuration = { ...configuration, providers: all }
  const router = routerFor(ownConfiguration, {
    keyId: who.id,
    providers: new Set(own.map(({ name }) => name)),
    isCounted: who.countsByok,
    others: endpoints.providers,
  })
  return { ...current, configuration: ownConfiguration, router }
}

const unreadable = 'it cannot be read: the secret is another one than when it was set. Set it again'
