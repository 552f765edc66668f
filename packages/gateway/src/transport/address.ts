/** Which addresses a provider on the internet cannot have: those of this machine, its networks and nobody. */
import { BlockList, isIP, isIPv4 } from 'node:net'

/** What a refused address is, in a word for people. */
export type AddressKind = 'loopback' | 'private' | 'link-local' | 'shared' | 'multicast' | 'reserved'

/**
 * What an address is that no provider can have; null for a public one. An IPv6 address that carries an IPv4 one is what
 * that one is.
 */
export function kindOfAddress(address: string): AddressKind | null {
  if (isIPv4(address)) return kindOfV4(address)
  const groups = isIP(address) === 6 ? groupsOf(address) : null
  if (groups === null) return 'reserved'
  const inner = embeddedV4(groups)
  if (inner !== null) return kindOfV4(inner)
  const kind = kinds.find((one) => lists[one].check(address, 'ipv6'))
  return kind ?? (globalUnicast.check(address, 'ipv6') ? null : 'reserved')
}

function kindOfV4(address: string): AddressKind | null {
  return kinds.find((kind) => lists[kind].check(address, 'ipv4')) ?? null
}

/**
 * Whether a URL leads to this machine or to what is not the internet, by its address as it is written; other names are
 * looked up when a connection is made.
 */
export function isLocal(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  const address = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? /^(.+\.)?localhost\.?$/.test(host) : kindOfAddress(address) !== null
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry */
const networks: Readonly<Record<AddressKind, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  // Clouds serve credentials at 169.254.169.254, and at fd00:ec2::254, which is private.
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  shared: ['100.64.0.0/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  reserved: [
    '0.0.0.0/8',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '2001::/23',
    '2001:db8::/32',
    '3fff::/20',
  ],
}

const kinds = Object.keys(networks) as readonly AddressKind[]
const lists = Object.fromEntries(kinds.map((kind) => [kind, listOf(networks[kind])])) as Readonly<
  Record<AddressKind, BlockList>
>
/** All that has been given out of IPv6; what is not in it leads nowhere. */
const globalUnicast = listOf(['2000::/3'])

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}

/** The eight numbers of an IPv6 address; null for one with a zone. */
function groupsOf(address: string): readonly number[] | null {
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
  if (canonical === undefined) return null
  const [left = '', right] = canonical.split('::')
  const [before, after] = [left, right ?? ''].map((text) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)),
  )
  if (before === undefined || after === undefined) return null
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

/** What `::ffff:0:0/96` (mapped), `64:ff9b::/96` (NAT64) and `2002::/16` (6to4) carry; null for others. */
function embeddedV4([a, b, c, d, e, f, g = 0, h = 0]: readonly number[]): string | null {
  const isMapped = a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff
  const isTranslated = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0
  if (isMapped || isTranslated) return dotted(g, h)
  return a === 0x2002 ? dotted(b ?? 0, c ?? 0) : null
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
