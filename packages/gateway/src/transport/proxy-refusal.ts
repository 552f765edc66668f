/** Why a proxy let nothing through, for people. */
import type { Origin, ProxyServer } from './origin.ts'
import { type ResponseHead, TransportError } from './transport.ts'

/** What a proxy said in place of opening a way. */
export interface ProxyAnswer {
  readonly head: ResponseHead
  /** What it calls its status: `Forbidden`. */
  readonly reason: string
  readonly body: string
}

/** The proxy answered, and its answer is no. */
export function refused(origin: Origin, proxy: ProxyServer, answer: ProxyAnswer): TransportError {
  const { status } = answer.head
  if (status === 407) return unauthenticated(origin, proxy, answer.head)
  const words = [answer.reason, wordsOf(answer)].filter((one) => one !== '').join(': ')
  const said = masked(words === '' ? `${status}` : `${status} ${words}`, proxy)
  return new TransportError('connect', `${origin.name}: the proxy refused: ${said}`)
}

/** It wants a user and a password: any at all, or others. */
export function unauthenticated(
  origin: Origin,
  { authorization }: ProxyServer,
  { headers }: ResponseHead,
): TransportError {
  const schemes = headers
    .filter(([name]) => name === 'proxy-authenticate')
    .flatMap(([, value]) => /^[\w-]+/.exec(value) ?? [])
  const isBasic = schemes.length === 0 || schemes.some((scheme) => scheme.toLowerCase() === 'basic')
  const why = !isBasic
    ? `the proxy asks who is there by ${schemes.join(', ')}, and only Basic is spoken`
    : authorization === null
      ? 'the proxy asks for a user and a password: write them into its URL, http://USER:PASSWORD@HOST:PORT'
      : 'the proxy does not take the user and the password of its URL'
  return new TransportError('connect', `${origin.name}: ${why} (407)`)
}

const mostWords = 300

/** A page for browsers is read as they would show it. */
function wordsOf({ head, body }: ProxyAnswer): string {
  const type = head.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const text = /html/i.test(type)
    ? body.replaceAll(/<!--.*?-->|<(head|style|script)\b.*?<\/\1\s*>|<[^>]*>/gis, ' ')
    : body
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, mostWords)
}

/** A proxy may say back what it was sent. */
function masked(text: string, { authorization }: ProxyServer): string {
  const token = authorization?.slice('Basic '.length) ?? ''
  const credentials = Buffer.from(token, 'base64').toString()
  const password = credentials.slice(credentials.indexOf(':') + 1)
  const secrets = [token, credentials, password, encodeURIComponent(password)]
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '…')), text)
}
