/** Keeps secrets off the tape: what is redacted never leaves memory. */
import type { Body, HeaderList } from './interaction.ts'

/** What stands on the tape in a secret's place. */
export const redacted = 'REDACTED'

/** Headers that carry credentials. They are left out, not masked. */
const secretHeaders = new Set([
  'api-key',
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-amz-security-token',
  'x-api-key',
  'x-auth-token',
  'x-goog-api-key',
])

/** Names of query parameters that carry credentials. */
const secretParameter = /^(key|api[-_]?key|access[-_]?token|token|sig|signature|x-amz-(signature|credential|security-token))$/i

/** Shorter values are words that stand in many places. */
const shortestSecret = 6

/** Removes the secrets of one request wherever they stand: in it, and where the answer repeats them. */
export interface Redactor {
  headers(headers: HeaderList): HeaderList
  url(url: string): string
  body(body: Body): Body
}

/** Learns a request's secrets from its credential headers and its URL. */
export function redactorFor(url: string, headers: HeaderList): Redactor {
  const secrets = [...secretsOfHeaders(headers), ...secretsOfUrl(url)].filter((value) => value.length >= shortestSecret)
  const text = (value: string): string => {
    let clean = value
    for (const secret of secrets) clean = clean.replaceAll(secret, redacted)
    return clean
  }
  return {
    headers: (list) =>
      list.filter(([name]) => !secretHeaders.has(name.toLowerCase())).map(([name, value]) => [name, text(value)]),
    url: (value) => text(redactUrl(value)),
    body: (body) => (typeof body === 'string' ? text(body) : redactBytes(body, secrets)),
  }
}

/**
 * The URL without its credentials: user and password are gone, secret parameters keep their name. A
 * request is looked up by this, so a tape that was recorded with one key replays with another or none.
 */
export function redactUrl(url: string): string {
  if (!/[?@]/.test(url) || !URL.canParse(url)) return url
  const clean = new URL(url)
  const names = [...clean.searchParams.keys()].filter((name) => secretParameter.test(name))
  if (names.length === 0 && clean.username === '' && clean.password === '') return url
  for (const name of names) clean.searchParams.set(name, redacted)
  clean.username = ''
  clean.password = ''
  return clean.href
}

/** `Bearer sk-…` holds one secret, and so does each cookie. */
function secretsOfHeaders(headers: HeaderList): string[] {
  return headers
    .filter(([name]) => secretHeaders.has(name.toLowerCase()))
    .flatMap(([, value]) => [value, ...value.split(/[\s,;]+/).map((word) => word.replace(/^[\w-]+=/, ''))])
    .filter((value) => !/^(bearer|basic|digest|aws4-hmac-sha256)$/i.test(value))
    .toSorted((a, b) => b.length - a.length)
}

function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { searchParams, username, password } = new URL(url)
  const values = [...searchParams].filter(([name]) => secretParameter.test(name)).map(([, value]) => value)
  return [...values, username, password].flatMap((value) => [value, encodeURIComponent(value)])
}

/** Latin-1 maps every byte to one character and back, so a secret is found at any place. */
function redactBytes(bytes: Uint8Array, secrets: readonly string[]): Uint8Array {
  const raw = Buffer.from(bytes).toString('latin1')
  if (!secrets.some((secret) => raw.includes(secret))) return bytes
  let clean = raw
  for (const secret of secrets) clean = clean.replaceAll(secret, redacted)
  return Buffer.from(clean, 'latin1')
}
