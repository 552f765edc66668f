/** Keeps secrets off the tape: what is redacted never leaves memory. */
import type { Body, HeaderList } from './interaction.ts'

/** What stands on the tape in a secret's place. */
export const redacted = 'REDACTED'

/** Headers that carry credentials. They are left out, not masked. */
const secretHeader =
  /^(set-)?cookie2?$|authorization$|(^|[-_])((access|api|auth|csrf|secret|security|session|subscription)?(key|token)|secret|password|passwd|credential|signature|auth)s?$/i

/** Headers that are called like credentials and are none: retries, pages, caches and counts of tokens. */
const harmlessHeader =
  /(^|-)((idempotency|cache|surrogate)-key|continuation-token|rate-?limit-([\w-]+-)?tokens)$/i

/** What a credential is called in any place. Not `key` and `token`, which tools have in their inputs. */
const secretName =
  'api[-_]?key|private[-_]?key|client[-_]?secret|(access|id|refresh)[-_]?token|password|passwd|secret|authorization'

/** Names of query parameters that carry credentials. */
const secretParameter = new RegExp(
  `^(${secretName}|key|token|sig|signature|pwd|auth|jwt|code|(access|api|auth|client|id|refresh|secret|subscription)[-_]?(key|secret|token)|x-(amz|goog)-(signature|credential|security-token))$`,
  'i',
)

/** Names of form fields that carry credentials. */
const secretField = new RegExp(`^(${secretName})$`, 'i')

/** The beginning of a credential in JSON, up to its first character. */
const secretMember = new RegExp(String.raw`"(${secretName})"\s*:\s*"`, 'gi')

/** Names of parameters within a credential header that are secret: the others name an algorithm or a realm. */
const secretPart = /(key|token|secret|password|credential|signature|response|nonce)$/i

/** Shorter values are words that stand in many places, such as the `ollama` that local servers take for a key. */
const shortestSecret = 8

/** Removes the secrets of one exchange wherever they stand: in the request, and where the answer repeats them. */
export interface Redactor {
  headers(headers: HeaderList): HeaderList
  url(url: string): string
  /** A body and the headers that describe it. */
  body(body: Body, headers?: HeaderList): Body
  /** The same for a body that was cut off: it may end within a secret. */
  cutBody(body: Body, headers?: HeaderList): Body
}

/** Learns an exchange's secrets from its URL and the credential headers of both sides. */
export function redactorFor(url: string, headers: HeaderList): Redactor {
  const secrets = [...headers.flatMap(secretsOfHeader), ...secretsOfUrl(url)]
  const forms = [...new Set(secrets.filter((value) => value.length >= shortestSecret).flatMap(formsOf))]
  // A secret may hold another one: the longest goes first.
  const longestFirst = forms.toSorted((a, b) => b.length - a.length)
  const clean = (text: string): string =>
    longestFirst.reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
  return {
    headers: (list) =>
      list.filter(([name]) => !isSecretHeader(name)).map(([name, value]) => [name, clean(value)]),
    url: (value) => clean(redactUrl(value)),
    body: (body, headers) => mapText(body, (text) => clean(redactFields(text, headers))),
    cutBody: (body, headers) =>
      mapText(body, (text) => cleanEnd(clean(redactFields(text, headers)), longestFirst)),
  }
}

/**
 * The URL without its credentials: user and password are gone, secret parameters keep their name. A
 * request is looked up by this, so a tape that was recorded with one key replays with another or none.
 */
export function redactUrl(url: string): string {
  if (!/[?@#]/.test(url)) return url
  return redactPairs(url.replace(userInfo, '$1'), parameter, secretParameter)
}

/** Not by `URL`, which would write the rest of it in its own way, and which knows no `<HOST>/path`. */
const userInfo = /^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i
const parameter = /([?&#])([^=&#]*)=[^&#]*/g
const formField = /(^|&)([^=&]*)=[^&]*/g

/** A body without the credentials that it calls by their names, whose values nobody has told us. */
function redactFields(text: string, headers: HeaderList = []): string {
  const clean = redactMembers(text)
  return headers.some(isFormType) ? redactPairs(clean, formField, secretField) : clean
}

function redactMembers(text: string): string {
  let clean = ''
  let end = 0
  for (const { 0: start, index } of text.matchAll(secretMember)) {
    // Within a value that is masked already.
    if (index < end) continue
    const value = index + start.length
    clean += text.slice(end, value) + redacted
    end = endOfText(text, value)
  }
  return clean + text.slice(end)
}

/** Where a JSON text ends or breaks off: it holds no line break. A pattern for it would exhaust the stack. */
function endOfText(text: string, start: number): number {
  let end = start
  while (end < text.length && !/["\r\n]/.test(text.charAt(end))) end += text[end] === '\\' ? 2 : 1
  return end
}

function isFormType([name, value]: HeaderList[number]): boolean {
  return /^content-type$/i.test(name) && /^application\/x-www-form-urlencoded\b/i.test(value)
}

function redactPairs(text: string, pair: RegExp, secret: RegExp): string {
  return text.replaceAll(pair, (whole, mark: string, name: string) =>
    secret.test(decode(name)) ? `${mark}${name}=${redacted}` : whole,
  )
}

function isSecretHeader(name: string): boolean {
  return secretHeader.test(name) && !harmlessHeader.test(name)
}

function secretsOfHeader([name, value]: HeaderList[number]): string[] {
  if (!isSecretHeader(name)) return []
  // `a=1; Path=/` sets one cookie, `a=1; b=2` sends two.
  if (/^set-cookie/i.test(name)) return [valueOf(value.split(';', 1)[0] ?? '')]
  if (/^cookie/i.test(name)) return value.split(';').map(valueOf)
  const [, scheme = '', credentials = value] = /^([\w-]+) +(.+)$/.exec(value) ?? []
  if (/^basic$/i.test(scheme))
    return [credentials, ...secretsOfUser(Buffer.from(credentials, 'base64').toString())]
  const parts = [...credentials.matchAll(/([\w-]+)="?([^",;\s]+)/g)]
  return [credentials, ...parts.filter(([, key = '']) => secretPart.test(key)).map(([, , part = '']) => part)]
}

function valueOf(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1).trim()
}

function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { searchParams, username, password } = new URL(url)
  const values = [...searchParams].filter(([name]) => secretParameter.test(name)).map(([, value]) => value)
  return [...values, ...secretsOfUser(`${decode(username)}:${decode(password)}`)]
}

/** A user without a password is a key. */
function secretsOfUser(user: string): string[] {
  const colon = user.indexOf(':')
  const password = user.slice(colon + 1)
  return [password === '' ? user.slice(0, colon) : password]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** As a secret stands in text, in a URL and in JSON, where some write `\/`. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, encodeURIComponent(secret.toWellFormed()), json, json.replaceAll('/', String.raw`\/`)]
}

/** A text without the beginning of a secret at its very end. */
function cleanEnd(text: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= shortestSecret; length -= 1) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + redacted
    }
  }
  return text
}

/** Bytes are seen as Latin-1, which maps each to one character and back: a secret of ASCII is found at any place. */
function mapText(body: Body, map: (text: string) => string): Body {
  if (typeof body === 'string') return map(body)
  const raw = Buffer.from(body).toString('latin1')
  const clean = map(raw)
  return clean === raw ? body : Buffer.from(clean, 'latin1')
}
