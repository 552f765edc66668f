/** The proxies of a company's network, by the variables that programs agree on, and who is reached without them. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import type { Environment } from '@playhead/wire'
import { kindOfAddress } from './address.ts'
import { type Origin, originOf, type ProxyServer } from './origin.ts'

export interface Proxies {
  /** Who leads to upstreams of `https:`; null for nobody. */
  readonly secure: ProxyServer | null
  /** The same for `http:`. */
  readonly plain: ProxyServer | null
  /** Hosts that are reached directly, as `NO_PROXY` names them. */
  readonly direct: readonly string[]
}

/** A variable that names no proxy. Says what is wrong with it; never what it says, which may be a password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
}

/**
 * What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say; null where no proxy is named. Lower case goes before upper case, also
 * where it is empty, as curl has it. Throws a ProxyError.
 */
export function proxiesOf(environment: Environment): Proxies | null {
  const secure = named('HTTPS_PROXY', environment)
  const plain = named('HTTP_PROXY', environment)
  if (secure === null && plain === null) return null
  const direct = saidBy('NO_PROXY', environment).split(/[\s,]+/)
  return { secure, plain, direct: direct.filter((entry) => entry !== '') }
}

/** Whom an origin is reached through; null for nobody. This machine is always reached directly. */
export function proxyFor(origin: Origin, { secure, plain, direct }: Proxies): ProxyServer | null {
  const host = origin.hostname.toLowerCase().replace(/\.$/, '')
  const isDirect = isThisMachine(host) || direct.some((entry) => isMeant(entry, host, origin.port))
  return isDirect ? null : origin.isSecure ? secure : plain
}

function saidBy(name: string, environment: Environment): string {
  return (environment[name.toLowerCase()] ?? environment[name] ?? '').trim()
}

function named(variable: string, environment: Environment): ProxyServer | null {
  const said = saidBy(variable, environment)
  if (said === '') return null
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(said) ? said : `http://${said}`)
  if (url === null || url.hostname === '')
    throw new ProxyError(`${variable} is not the URL of a proxy: http://proxy.example.com:3128`)
  const { protocol, username, password } = url
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new ProxyError(`${variable}: proxies are spoken to by http: and https:, not by ${protocol}`)
  const credentials = `${decoded(username)}:${decoded(password)}`
  return {
    ...originOf(url),
    authorization: credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
  }
}

/** A password with a lone percent sign in it is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isThisMachine(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost' || host.endsWith('.localhost')
  return host === '0.0.0.0' || host === '::' || kindOfAddress(host) === 'loopback'
}

/** A name means its subdomains too, with or without a dot before it: so has curl it. */
function isMeant(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true
  const { name, only } = takenApart(entry.toLowerCase())
  if (only !== null && only !== port) return false
  return isIP(host) === 0 ? host === name || host.endsWith(`.${name}`) : isAddressIn(name, host)
}

/** `example.com:8080`, `.example.com`, `[::1]:8080`, `::1`, `10.0.0.0/8` */
function takenApart(entry: string): { readonly name: string; readonly only: number | null } {
  if (isIP(entry.replace(/\/\d+$/, '')) === 6) return { name: entry, only: null }
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/s.exec(entry) ?? []
  const name = host.replace(/^\*?\./, '').replaceAll(/^\[|\]$|\.$/g, '')
  return { name, only: port === undefined ? null : Number(port) }
}

function isAddressIn(network: string, address: string): boolean {
  const [base = '', size] = network.split('/')
  const longest = isIPv4(base) ? 32 : 128
  const prefix = size === undefined ? longest : Number(size)
  if (isIP(base) === 0 || isIP(base) !== isIP(address) || !(prefix <= longest)) return false
  const list = new BlockList()
  const family = isIPv4(base) ? 'ipv4' : 'ipv6'
  list.addSubnet(base, prefix, family)
  return list.check(address, family)
}
