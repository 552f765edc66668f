/** Which values are secret, and the ways in which each of them is written. */
import type { HeaderList } from '../interaction.ts'
import { isSecretVariable, type SecretNames } from './names.ts'
import { secretsOfUrl, secretsOfUrls, secretsOfUser } from './url.ts'

/** Shorter values are words that stand in many places, such as the `ollama` that local servers take for a key. */
export const shortestSecret = 8

/** Different characters that a secret has. */
const fewest = 3

/** What stands in a key's place where none is needed. */
const standIn =
  /^(undefined|unknown|anything|placeholder|lm-studio|(not?|none)[-_ ]?(api[-_ ]?key|key)?[-_ ]?(needed|required|used)?|(your|my|a|an|some|test|fake|dummy|mock)[-_ ](api[-_ ])?key|redacted)$/i

/** Parameters within a credential header that are secret: the others name an algorithm or a realm. */
const secretPart = /(key|token|secret|password|credential|signature|response|nonce)$/i

/**
 * The values of a process's variables that are called like credentials and look like some, one or a list of them, and
 * the credentials in those that are URLs: `DATABASE_URL`.
 */
export function secretsOfEnv(
  env: Readonly<Record<string, string | undefined>>,
  names: SecretNames,
): readonly string[] {
  const values = Object.entries(env).flatMap(([name, value = '']) => {
    if (value.includes('://')) return secretsOfUrl(value, names)
    if (!isSecretVariable(name)) return []
    return [value.trim(), ...(/S$/i.test(name) ? value.split(/[\s,;]+/) : [])]
  })
  return [...new Set(values.filter(isDistinctive))]
}

/** The values of headers that carry credentials or name an account. */
export function secretsOfHeaders(headers: HeaderList, names: SecretNames): readonly string[] {
  return headers.flatMap(([name, value]) => {
    if (names.isAccountHeader(name)) return isDistinctive(value) ? [value] : []
    return names.isSecretHeader(name) ? secretsOfHeader(name, value) : secretsOfUrls(value, names)
  })
}

/** Those that can be looked for: what is short or a mere word stands in too many places. */
export function worthLooking(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter(isWorthLooking))]
}

/** A row of one letter would be looked for at each of them. */
function isWorthLooking(value: string): boolean {
  return (
    value.length >= shortestSecret && !isWord(value) && !standIn.test(value) && new Set(value).size >= fewest
  )
}

function secretsOfHeader(name: string, value: string): string[] {
  // `a=1; Path=/` sets one cookie, `a=1; b=2` sends two.
  if (/^set-cookie/i.test(name)) return [valueOf(value.split(';', 1)[0] ?? '')]
  if (/^cookie/i.test(name)) return value.split(';').map(valueOf)
  const [, scheme = '', credentials = value] = /^([\w-]+) +(.+)$/.exec(value) ?? []
  if (/^basic$/i.test(scheme))
    return [credentials, ...secretsOfUser(Buffer.from(credentials, 'base64').toString())]
  const parts = [...credentials.matchAll(/([\w-]+)="?([^",;\s]+)/g)].flatMap(([, key = '', part = '']) =>
    // The key's id comes first in what SigV4 calls the credential.
    secretPart.test(key) ? [part, ...(/^credential$/i.test(key) ? [part.split('/', 1)[0] ?? ''] : [])] : [],
  )
  return [credentials, ...parts]
}

function valueOf(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1).trim()
}

/** Whether nobody would write it by chance: no path, address, number, name or date. */
export function isDistinctive(value: string): boolean {
  if (!isWorthLooking(value)) return false
  if (/^(~|\.{0,2}\/|[a-z]:\\|[a-z][a-z\d+.-]*:\/\/)/i.test(value)) return false
  // Names and dates are written with these only.
  if (/[^\w .:/@,-]/.test(value)) return true
  const parts = value.split(/[^A-Za-z\d]+/).filter((part) => part !== '')
  const mixed = parts.filter((part) => /\d/.test(part) && /\D/.test(part))
  if (!parts.every(isPlain) || mixed.length >= 3) return true
  // Some words in a row are a passphrase.
  return parts.filter((part) => isWord(part) && part.length >= 4).length >= 4
}

/** A word, a number, or as little as `v1` and `4o`. */
function isPlain(part: string): boolean {
  return part.length <= 3 || isWord(part) || /^\d+$/.test(part)
}

/** Letters of one case: longer ones are random. */
function isWord(text: string): boolean {
  return text.length <= 20 && /^([A-Z]?[a-z]+|[A-Z]+)$/.test(text)
}

/** As a secret stands in text, in a URL, in a form, in JSON, in JSON within JSON, in HTML, and in base64 whatever stands around it. */
export function formsOf(secret: string): readonly string[] {
  const plain = secret.toWellFormed()
  const quoted = jsonForms(plain)
  const base64 = [0, 1, 2].flatMap((shift) => [plain, escaped(plain)].map((text) => base64Of(text, shift)))
  const inUrl = encodeURIComponent(plain)
  const forms = [
    plain,
    inUrl,
    encodeURIComponent(inUrl),
    encodeURIComponent(escaped(plain)),
    new URLSearchParams([['', plain]]).toString().slice(1),
    ...quoted,
    ...quoted.flatMap(jsonForms),
    plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
  return [...new Set(forms)].map((form) => Buffer.from(form).toString('latin1'))
}

/** As the writers of JSON escape it: hardly, with `\\/`, in ASCII, and as those of Go and .NET do for HTML. */
function jsonForms(text: string): readonly string[] {
  const json = escaped(text)
  const dotnet = escaped(text.replaceAll('"', '\uffff')).replaceAll('\uffff', '"')
  return [
    json,
    json.replaceAll('/', String.raw`\/`),
    json.replaceAll(/[\u0080-\uffff]/g, unicodeEscape),
    json.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape),
    dotnet.replaceAll(/["'`<>&+\u0080-\uffff]/g, unicodeEscape),
  ]
}

/** What a text may be that stands in JSON, in JSON within JSON, in a form or as it is. */
export function meaningsOf(text: string): readonly string[] {
  const meanings = [text]
  for (let last = text; last.includes('\\') && meanings.length < 6; meanings.push(last)) {
    const inner = unescaped(last)
    if (inner === undefined || inner === last) break
    last = inner
  }
  if (/[%+]/.test(text)) meanings.push(new URLSearchParams(`a=${text}`).get('a') ?? text)
  return meanings
}

function unescaped(text: string): string | undefined {
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return undefined
  }
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The characters of base64 that a text makes alone, so many bytes after a multiple of three. */
function base64Of(text: string, shift: number): string {
  const bytes = Buffer.from(text)
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
}
