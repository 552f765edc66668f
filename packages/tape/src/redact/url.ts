/** URLs without their credentials. */
import { type SecretNames, secretNamesWith } from './names.ts'

/** What stands on the tape in a secret's place. */
export const redacted = 'REDACTED'

const known = secretNamesWith([])

/**
 * The URL without its credentials: user and password are gone, secret parameters keep their name, an account's number and
 * the path of a bot or a webhook are masked. A request is looked up by this, so a tape that was recorded with one key
 * replays with another or none.
 */
export function redactUrl(url: string, names: SecretNames = known): string {
  const clean = /[?@#;]/.test(url) ? redactParts(url.replace(userInfo, '$1'), names) : url
  if (!mayHoldSecretPath.test(clean)) return clean
  return secretPaths.reduce((text, path) => text.replace(path, `$1${redacted}`), clean)
}

/** A text with URLs in it, whole or from their path on, each without its credentials. */
export function redactUrls(text: string, names: SecretNames): string {
  const clean = text.includes('://') ? text.replaceAll(urlInText, (url) => redactUrl(url, names)) : text
  return /[?&#]/.test(clean) ? redactParameters(clean, names, parameterInText) : clean
}

/** The values that `redactUrl` leaves out. */
export function secretsOfUrl(url: string, names: SecretNames): string[] {
  const paths = secretPaths.flatMap((path) => path.exec(url)?.[2] ?? [])
  const [, , user = ''] = userInfo.exec(url) ?? []
  const [path, rest] = partsOf(url)
  const values = [...parametersOf(path, names, pathParameter), ...parametersOf(rest, names, parameter)]
  return [...[...paths, ...values].flatMap(readings), ...secretsOfUser(decode(user))]
}

/** The values that `redactUrls` leaves out. */
export function secretsOfUrls(text: string, names: SecretNames): string[] {
  const urls = text.includes('://') ? (text.match(urlInText) ?? []) : []
  const values = /[?&#]/.test(text) ? parametersOf(text, names, parameterInText) : []
  return [...urls.flatMap((url) => secretsOfUrl(url, names)), ...values.flatMap(readings)]
}

/** `user:password`. A user with a password that says nothing is a key. */
export function secretsOfUser(user: string): string[] {
  const colon = user.indexOf(':')
  if (colon === -1) return [user]
  const password = user.slice(colon + 1)
  return password.length < 8 ? [user.slice(0, colon), password] : [password]
}

/** Not by `URL`, which would write the rest of it in its own way, and which knows no `<HOST>/path`. */
const userInfo = /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)@/i
const pathParameter = /(;)([^=;/]*)=[^;/]*/g
const parameter = /([?&#])([^=&#?]*)=[^&#]*/g
const parameterInText = /([?&#])([^=&#?\s"'<>]+)=[^&#\s"'<>`\\]*/g
const urlInText = /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s"'<>`\\]+/gi

/** Cloudflare names the account in its paths, AWS in the names of its resources; bots and webhooks have no other key. */
const secretPaths: readonly RegExp[] = [
  /(\/accounts\/|gateway\.ai\.cloudflare\.com\/v1\/|arn(?::|%3A)aws[\w-]{0,16}(?::|%3A)[\w-]{0,32}(?::|%3A)[\w-]{0,32}(?::|%3A))([\da-f]{32}|\d{12})(?![\da-z])/i,
  /(\/bot)(\d{6,20}(?::|%3A)[\w-]{30,64})(?![\w-])/,
  /(\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/)([\w/-]{20,})/,
  /(\/api\/webhooks\/\d{10,25}\/)([\w-]{40,})/,
  /(webhook\.office\.com\/webhookb2\/)([^?#\s]+)/,
]

/** Up to the query, and from there on. */
function partsOf(url: string): [path: string, rest: string] {
  const end = url.search(/[?#]/)
  return end === -1 ? [url, ''] : [url.slice(0, end), url.slice(end)]
}

function redactParts(url: string, names: SecretNames): string {
  const [path, rest] = partsOf(url)
  return redactParameters(path, names, pathParameter) + redactParameters(rest, names, parameter)
}

/** Most URLs hold none, and one look is enough. */
const mayHoldSecretPath = /\/accounts\/|cloudflare|arn(?::|%3A)|\/bot\d|hooks?[./b]/i

function redactParameters(text: string, names: SecretNames, where: RegExp): string {
  return text.replaceAll(where, (whole, mark: string, name: string) =>
    names.isParameter(decode(name)) ? `${mark}${name}=${redacted}` : whole,
  )
}

function parametersOf(text: string, names: SecretNames, where: RegExp): string[] {
  return Array.from(text.matchAll(where), ([whole, mark = '', name = '']) =>
    names.isParameter(decode(name)) ? whole.slice(mark.length + name.length + 1) : '',
  )
}

/** As it stands, and as it is meant: a form writes a blank as `+`. */
function readings(value: string): string[] {
  return [...new Set([value, decode(value), decode(value.replaceAll('+', ' '))])]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
