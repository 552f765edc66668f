/** URLs without their credentials. */
import { type SecretNames, secretNamesWith } from './names.ts'

/** What stands on the tape in a secret's place. */
export const redacted = 'REDACTED'

const known = secretNamesWith([])

/**
 * The URL without its credentials: user and password are gone, secret parameters keep their name, an account's number is
 * masked. A request is looked up by this, so a tape that was recorded with one key replays with another or none.
 */
export function redactUrl(url: string, names: SecretNames = known): string {
  const clean = /[?@#]/.test(url) ? redactParameters(url.replace(userInfo, '$1'), names.parameters) : url
  return accountPath.test(clean) ? clean.replace(accountPath, `$1${redacted}`) : clean
}

/** A text with URLs in it, each without its credentials. */
export function redactUrls(text: string, names: SecretNames): string {
  return text.includes('://') ? text.replaceAll(urlInText, (url) => redactUrl(url, names)) : text
}

/** The values that `redactUrl` leaves out. */
export function secretsOfUrl(url: string, names: SecretNames): string[] {
  const account = accountPath.exec(url)?.[2] ?? ''
  if (!URL.canParse(url)) return [account]
  const { searchParams, username, password } = new URL(url)
  const values = [...searchParams].filter(([name]) => names.parameters.has(name.toLowerCase()))
  return [
    account,
    ...values.map(([, value]) => value),
    ...secretsOfUser(`${decode(username)}:${decode(password)}`),
  ]
}

/** `user:password`. A user without a password is a key. */
export function secretsOfUser(user: string): string[] {
  const colon = user.indexOf(':')
  const password = user.slice(colon + 1)
  return [password === '' ? user.slice(0, colon) : password]
}

/** Not by `URL`, which would write the rest of it in its own way, and which knows no `<HOST>/path`. */
const userInfo = /^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i
const parameter = /([?&#])([^=&#]*)=[^&#]*/g
const urlInText = /\b(?:https?|wss?):\/\/[^\s"'<>`\\]+/gi

/** Cloudflare names the account in its paths, AWS in the names of its resources. */
const accountPath =
  /(\/accounts\/|gateway\.ai\.cloudflare\.com\/v1\/|arn(?::|%3A)aws[\w-]{0,16}(?::|%3A)[\w-]{0,32}(?::|%3A)[\w-]{0,32}(?::|%3A))([\da-f]{32}|\d{12})(?![\da-z])/i

function redactParameters(url: string, secret: ReadonlySet<string>): string {
  return url.replaceAll(parameter, (whole, mark: string, name: string) =>
    secret.has(decode(name).toLowerCase()) ? `${mark}${name}=${redacted}` : whole,
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
