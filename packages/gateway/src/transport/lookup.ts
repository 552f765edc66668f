/** Finds the addresses of a host, and lets none pass that may not be spoken to. */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { kindOfAddress } from './address.ts'
import { TransportError } from './transport.ts'

/** Every address of a name; `dns.lookup` of Node, or a test's. */
export type Lookup = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

/** Asks the system: `/etc/hosts`, then DNS. */
export const systemAddresses: Lookup = (host, done) => systemLookup(host, { all: true }, done)

/** Why a host that is an address may not be spoken to; null where it may, and for names. */
export function refusalOf(host: string): TransportError | null {
  const kind = isIP(host) === 0 ? null : kindOfAddress(host)
  return kind === null ? null : new TransportError('connect', `${host} is a ${kind} address; ${remedy}`)
}

/**
 * A lookup for `net.connect`, which then connects to what was looked at here, and to nothing else. A name with one
 * address that may not be spoken to is refused whole. Requests for one name that wait at the same time are one.
 */
export function guardedLookup(lookup: Lookup, allowsPrivate: boolean): LookupFunction {
  const waiting = new Map<string, Done[]>()
  return (host, options, callback) => {
    const done: Done = (error, addresses) => {
      const [first] = addresses
      if (error !== null || first === undefined) callback(error ?? unknown(host), [])
      else if (options.all === true) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    }
    const others = waiting.get(host)
    if (others !== undefined) {
      others.push(done)
      return
    }
    waiting.set(host, [done])
    lookup(host, (error, addresses) => {
      const refused = allowsPrivate ? null : refusedAmong(host, addresses ?? [])
      const all = waiting.get(host) ?? []
      waiting.delete(host)
      for (const one of all) one(error ?? refused, addresses ?? [])
    })
  }
}

type Done = (error: Error | null, addresses: readonly LookupAddress[]) => void

const remedy = 'allow it with allow_private: true on the provider'

function refusedAmong(host: string, addresses: readonly LookupAddress[]): TransportError | null {
  for (const { address } of addresses) {
    const kind = kindOfAddress(address)
    if (kind !== null)
      return new TransportError('connect', `${host} resolves to ${address}, a ${kind} address; ${remedy}`)
  }
  return null
}

function unknown(host: string): TransportError {
  return new TransportError('connect', `${host} has no address`)
}
