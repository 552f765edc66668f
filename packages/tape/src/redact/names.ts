/** What credentials and accounts are called, in headers, URLs and bodies. */

/** Headers that carry credentials. They are left out, not masked. */
const secretHeader =
  /^(set-)?cookie2?$|authorization$|(^|[-_])((access|api|auth|csrf|secret|security|session|subscription)?(key|token)|secret|password|passwd|credential|signature|auth)s?$/i

/** Headers that are called like credentials and are none: retries, pages, caches, limits and counts of tokens. */
const harmlessHeader =
  /(^|-)((idempotency|cache|surrogate)-key|continuation-token)$|^access-control-|rate-?limit|[-_]per[-_]token$|((^|[-_])(num|max|total|input|output|prompt|completion|cached|reasoning|billed|used)[-_]tokens)$/i

/** Headers that say whose call it is. They are masked. */
const accountHeader =
  /^openai-(organization|project)$|^x-goog-user-project$|(^|[-_])(account|user|org|organi[sz]ation|tenant|team|workspace|customer)[-_]?(id|uuid)$/i

/** What a credential is called in any place: words that `-`, `_` or nothing joins. Not `key` and `token`, which tools have in their inputs. */
const secretNames: readonly string[] = [
  'api key',
  'api token',
  'api secret',
  'x api key',
  'subscription key',
  'private key',
  'signing key',
  'access key',
  'access key id',
  'secret key',
  'secret access key',
  'account key',
  'aws access key id',
  'aws secret access key',
  'aws session token',
  'client secret',
  'signing secret',
  'webhook secret',
  'access token',
  'id token',
  'refresh token',
  'session token',
  'security token',
  'auth token',
  'bearer token',
  'password',
  'passwd',
  'secret',
  'authorization',
  'proxy authorization',
  'set cookie',
].flatMap(joined)

/** Members that name an account, where their value looks like an account's. */
const accountNames = ['user id', 'account id', 'org id', 'organization id'].flatMap(joined)

const parameterNames: readonly string[] = [
  ...secretNames,
  'key',
  'token',
  'sig',
  'signature',
  'pwd',
  'auth',
  'jwt',
  'code',
  ...['access', 'auth', 'client', 'id', 'refresh', 'subscription'].flatMap((word) =>
    ['key', 'secret', 'token'].flatMap((kind) => joined(`${word} ${kind}`)),
  ),
  ...['amz', 'goog'].flatMap((vendor) =>
    ['signature', 'credential', 'security-token'].map((kind) => `x-${vendor}-${kind}`),
  ),
]

/** Parameters of signed URLs: nothing else is called so, and they are known by their names inside of bodies too. */
const signedNames: readonly string[] = [
  ...parameterNames.filter((name) => /^x-(amz|goog)-/.test(name)),
  '?sig',
  '&sig',
  String.raw`\u0026sig`,
  '&amp;sig',
]

/** Names that a recorder looks for. */
export interface SecretNames {
  /** JSON members, form fields and parts, in lower case. */
  readonly fields: ReadonlySet<string>
  /** Members whose value is masked where it looks like an account. */
  readonly accounts: readonly string[]
  /** Parameters of URLs within bodies. */
  readonly signed: readonly string[]
  /** Parameters of a URL, in lower case. */
  readonly parameters: ReadonlySet<string>
  isSecretHeader(name: string): boolean
  isAccountHeader(name: string): boolean
}

/** Those that are known, and more: each is a header, a field and a parameter. */
export function secretNamesWith(more: readonly string[]): SecretNames {
  const own = new Set(more.map((name) => name.toLowerCase()))
  return {
    fields: new Set([...secretNames, ...own]),
    accounts: accountNames,
    signed: signedNames,
    parameters: new Set([...parameterNames, ...own]),
    isSecretHeader: (name) =>
      own.has(name.toLowerCase()) || (secretHeader.test(name) && !harmlessHeader.test(name)),
    isAccountHeader: (name) => accountHeader.test(name),
  }
}

/** Variables of a process that hold its credentials. */
export function isSecretVariable(name: string): boolean {
  return /(^|_)(API)?(KEY|TOKEN|SECRET|PASSWORD|PASSWD|ACCESS_KEY_ID)S?$/i.test(name)
}

function joined(words: string): string[] {
  const parts = words.split(' ')
  return [...new Set(['', '-', '_'].map((mark) => parts.join(mark)))]
}
