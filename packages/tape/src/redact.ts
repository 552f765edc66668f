/** Keeps secrets off the tape: what is redacted never leaves memory. */
import type { Body, HeaderList } from './interaction.ts'

/** What stands on the tape in a secret's place. */
export const redacted = 'REDACTED'

/** Headers that carry credentials. They are left out, not masked. */
const secretHeader =
  /^(set-)?cookie2?$|authorization$|(^|-)auth$|(^|[-_])(access|api|auth|csrf|secret|security|session|subscription)[-_]?(key|token)$/i

/** Names of query parameters that carry credentials. */
const secretParameter =
  /^(key|token|sig|signature|password|(access|api|auth|client|id|refresh|secret|subscription)[-_]?(key|secret|token)|x-(amz|goog)-(signature|credential|security-token))$/i

/** Names of parameters within a credential header that are secret: the others name an algorithm or a realm. */
const secretPart = /(key|token|secret|password|credential|signature|response|nonce)$/i

/** Shorter values are words that stand in many places, such as the `ollama` that local servers take for a key. */
const shortestSecret = 8

/** Removes the secrets of one exchange wherever they stand: in the request, and where the answer repeats them. */
export interface Redactor {
  headers(headers: HeaderList): HeaderList
  url(url: string): string
  body(body: Body): Body
  /** The same for a body that was cut off: it may end within a secret. */
  cutBody(body: Body): Body
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
      list.filter(([name]) => !secretHeader.test(name)).map(([name, value]) => [name, clean(value)]),
    url: (value) => clean(redactUrl(value)),
    body: (body) => mapText(body, clean),
    cutBody: (body) => mapText(body, (text) => cleanEnd(clean(text), longestFirst)),
  }
}

/**
 * The URL without its credentials: user and password are gone, secret parameters keep their name. A
 * request is looked up by this, so a tape that was recorded with one key replays with another or none.
 */
export function redactUrl(url: string): string {
  if (!/[?@#]/.test(url)) return url
  return url
    .replace(userInfo, '$1')
    .replaceAll(parameter, (whole, mark: string, name: string) =>
      secretParameter.test(decode(name)) ? `${mark}${name}=${redacted}` : whole,
    )
}

/** Not by `URL`, which would write the rest of it in its own way, and which knows no `<HOST>/path`. */
const userInfo = /^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i
const parameter = /([?&#])([^=&#]*)=[^&#]*/g

function secretsOfHeader([name, value]: HeaderList[number]): string[] {
  if (!secretHeader.test(name)) return []
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
