/** What credentials and accounts are called, in headers, URLs and bodies. */

/** Headers that carry credentials. They are left out, not masked. */
const secretHeader =
  /^(set-)?cookie2?$|authorization$|(^|[-_])((access|api|auth|csrf|secret|security|session|subscription)?(key|token)|secret|password|passwd|passphrase|credential|signature|auth|assertion|jwt|dpop)s?$/i

/** Headers that are called like credentials and are none: retries, pages, caches, limits and counts of tokens. */
const harmlessHeader =
  /(^|-)((idempotency|cache|surrogate)-key|continuation-token)$|^access-control-|rate-?limit|[-_]per[-_]token$|((^|[-_])(num|max|total|input|output|prompt|completion|cached|reasoning|billed|used)[-_]tokens)$/i

/** Headers that say whose call it is. They are masked. */
const accountHeader =
  /^openai-(organization|project)$|^x-goog-user-project$|(^|[-_])(account|user|org|organi[sz]ation|tenant|team|workspace|customer)[-_]?(id|uuid)$/i

/**
 * What a credential is called in any place, alone or at the end of a name (`openai_api_key`, `dbPassword`): words that
 * `-`, `_` or nothing joins. Not `key` and `token`, which tools have in their inputs.
 */
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
  'oauth token',
  'bot token',
  'github token',
  'gitlab token',
  'client assertion',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'authorization',
  'proxy authorization',
  'set cookie',
].flatMap(joined)

/** Members that name an account, where their value looks like an account's. */
const accountNames = ['user id', 'account id', 'org id', 'organization id'].flatMap(joined)

/** Fields of forms, which no tool's input is. */
const formNames: readonly string[] = [
  ...secretNames,
  'token',
  'assertion',
  ...['subject token', 'actor token', 'device code', 'code verifier'].flatMap(joined),
]

const parameterNames: readonly string[] = [
  ...formNames,
  'key',
  'sig',
  'signature',
  'pwd',
  'auth',
  'jwt',
  'code',
  'jsessionid',
  'phpsessid',
  ...['oauth signature', 'session id'].flatMap(joined),
  ...['access', 'auth', 'client', 'id', 'refresh', 'subscription'].flatMap((word) =>
    ['key', 'secret', 'token'].flatMap((kind) => joined(`${word} ${kind}`)),
  ),
  ...['amz', 'goog'].flatMap((vendor) =>
    ['signature', 'credential', 'security-token'].map((kind) => `x-${vendor}-${kind}`),
  ),
]

/** Parameters of URLs that nothing else is called like: they are known by their names inside of bodies too. */
const parametersInBodies: readonly string[] = [
  ...parameterNames.filter((name) => /^x-(amz|goog)-/.test(name)),
  ...['?', '&', String.raw`\u0026`, '&amp;'].flatMap((mark) =>
    ['sig', ...secretNames.filter((name) => /.(key|token|secret)$/.test(name))].map((name) => mark + name),
  ),
]

/** Names that a recorder looks for. */
export interface SecretNames {
  /** JSON members and parts of forms, in lower case; also where a name ends with one of them. */
  readonly fields: ReadonlySet<string>
  /** Members whose value is masked where it looks like an account. */
  readonly accounts: readonly string[]
  /** Parameters of URLs within bodies. */
  readonly signed: readonly string[]
  isFormField(name: string): boolean
  /** Of a parameter of a URL. */
  isParameter(name: string): boolean
  isSecretHeader(name: string): boolean
  isAccountHeader(name: string): boolean
}

/** Those that are known, and more: each is a header, a field and a parameter. */
export function secretNamesWith(more: readonly string[]): SecretNames {
  const own = new Set(more.map((name) => name.toLowerCase()))
  const fields = new Set([...secretNames, ...own])
  const inForms = new Set([...formNames, ...own])
  const parameters = new Set([...parameterNames, ...own])
  return {
    fields,
    accounts: accountNames,
    signed: parametersInBodies,
    isFormField: (name) => inForms.has(name.toLowerCase()) || endsWithOne(name, fields),
    isParameter: (name) => parameters.has(name.toLowerCase()) || endsWithOne(name, fields),
    isSecretHeader: (name) =>
      own.has(name.toLowerCase()) || (secretHeader.test(name) && !harmlessHeader.test(name)),
    isAccountHeader: (name) => accountHeader.test(name),
  }
}

/** Whether a word begins in the middle of a name: `db_password`, `db.password`, `user[password`, `dbPassword`. */
export function isWordStart(before: number, first: number): boolean {
  const isUpper = first >= 0x41 && first <= 0x5a
  return joints.has(before) || (isUpper && ((before >= 0x61 && before <= 0x7a) || isDigit(before)))
}

const joints = new Set(Buffer.from('_-.['))

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function endsWithOne(name: string, fields: ReadonlySet<string>): boolean {
  const text = name.endsWith(']') ? name.slice(0, -1) : name
  for (let start = 1; start < text.length; start += 1) {
    const isWord = isWordStart(text.charCodeAt(start - 1), text.charCodeAt(start))
    if (isWord && fields.has(text.slice(start).toLowerCase())) return true
  }
  return false
}

/** Variables of a process that hold its credentials. */
export function isSecretVariable(name: string): boolean {
  return secretVariable.test(name)
}

const secretVariable =
  /(^|_)(API)?(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PAT|CREDENTIAL|JWT|AUTH|COOKIE|ACCESS_KEY_ID)S?(_?\d+)?$|PASSWORD$|PASS$|._PWD$/i

function joined(words: string): string[] {
  const parts = words.split(' ')
  return [...new Set(['', '-', '_'].map((mark) => parts.join(mark)))]
}
