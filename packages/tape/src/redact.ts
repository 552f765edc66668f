/** Keeps secrets off the tape: what is redacted never leaves memory. */
import { textOrBytes } from './http.ts'
import { type Body, contentType, type HeaderList } from './interaction.ts'
import { Automaton, lowerAscii, type Pattern } from './redact/automaton.ts'
import { EncodedRedactor, encodingOf, mapDecoded } from './redact/encoded.ts'
import { FormValue } from './redact/form.ts'
import { type SecretNames, secretNamesWith } from './redact/names.ts'
import {
  formsOf,
  isDistinctive,
  meaningsOf,
  secretsOfEnv,
  secretsOfHeaders,
  shortestSecret,
  worthLooking,
} from './redact/secrets.ts'
import { accountShapes, keyShapes } from './redact/shapes.ts'
import { type Mark, type Observer, StreamRedactor } from './redact/stream.ts'
import { redacted, redactUrl, redactUrls, secretsOfUrl } from './redact/url.ts'
import { SecretValue } from './redact/value.ts'
import type { BodyRedactor, ExchangeRedactor, Finding, Redaction } from './redaction.ts'

export { redacted, redactUrl } from './redact/url.ts'

/** What is secret besides what everybody knows to be. */
export interface RedactionOptions {
  /** Variables of which those that are called `*_KEY`, `*_TOKEN`, `*_SECRET` or `*_PASSWORD` hold secrets: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** More secrets, wherever they stand. */
  readonly values?: readonly string[]
  /** More names of headers, JSON members, form fields and query parameters that carry secrets. */
  readonly names?: readonly string[]
  /** Findings that are none here, by name: `openai-key` where a test writes such keys itself. */
  readonly allow?: readonly string[]
}

/** Redaction by what is known of credentials, by the process's own, and by what keys look like. */
export function createRedaction(options: RedactionOptions = {}): Redaction {
  const { env = process.env, values = [], names: more = [], allow = [] } = options
  const names = secretNamesWith(more)
  const allowed = new Set(allow)
  const known = new Set([...secretsOfEnv(env, names), ...worthLooking(values)])
  let base: Automaton<Mark> | undefined
  const learned = new Map<string, Automaton<Mark>>()
  const automata = (secrets: ReadonlySet<string>): readonly Automaton<Mark>[] => {
    base ??= automatonOf(known, names, allowed)
    if (secrets.size === 0) return [base]
    const key = [...secrets].toSorted().join('\n')
    const own = learned.get(key) ?? new Automaton([...secrets].flatMap(patternsOf))
    if (learned.size >= mostAutomata) learned.clear()
    learned.set(key, own)
    return [base, own]
  }
  const recent = new Set<string>()
  const share = (secret: string): void => {
    // The latest of them last.
    recent.delete(secret)
    recent.add(secret)
    const [oldest = ''] = recent
    if (recent.size > mostShared) recent.delete(oldest)
  }
  const rules = { names, allowed, known, recent, share, automata }
  return { exchange: (url, headers) => new Exchange(rules, url, headers) }
}

/** What a recorder's exchanges have in common. */
interface Rules {
  readonly names: SecretNames
  readonly allowed: ReadonlySet<string>
  /** Secrets that every exchange looks for. */
  readonly known: ReadonlySet<string>
  /** Secrets of the latest requests: what one of them carries, another one tells a model. */
  readonly recent: ReadonlySet<string>
  share(secret: string): void
  /** What finds everything, and what an exchange has learned: most learn the same, so these are kept. */
  automata(learned: ReadonlySet<string>): readonly Automaton<Mark>[]
}

const mostAutomata = 16
const mostShared = 32

/** A body that is packed and larger than anybody unpacks. */
const unseenBody = 'encoded-body'

/** As much as a request teaches: who sends more secrets, or longer ones, sends something else. */
const [mostValues, longestValue] = [64, 1024]

class Exchange implements ExchangeRedactor {
  readonly findings: Finding[] = []
  readonly #rules: Rules
  readonly #requestHeaders: HeaderList
  readonly #learned: Set<string>
  /** Made when first needed: a replay needs none. */
  #automata: readonly Automaton<Mark>[] | undefined
  #side: 'request' | 'response' = 'request'

  constructor(rules: Rules, url: string, headers: HeaderList) {
    this.#rules = rules
    this.#requestHeaders = headers
    this.#learned = new Set(rules.recent)
    this.#learn([...secretsOfUrl(url, rules.names), ...secretsOfHeaders(headers, rules.names)])
  }

  url(url: string): string {
    return this.#clean(redactUrl(url, this.#rules.names), 'url')
  }

  headers(headers: HeaderList): HeaderList {
    const { names } = this.#rules
    const side = this.#side === 'request' && isSame(headers, this.#requestHeaders) ? 'request' : 'response'
    this.#side = side
    this.#learn(secretsOfHeaders(headers, names))
    const kept = headers
      .filter(([name]) => !names.isSecretHeader(name))
      .map(
        ([name, value]) => [name, names.isAccountHeader(name) ? redacted : redactUrls(value, names)] as const,
      )
    const all = kept.flat().join('\n')
    // Most have nothing to hide, and one look is enough.
    if (this.#clean(all, undefined) === all) return kept
    return kept.map(([name, value]) => {
      const clean = this.#clean(name, `${side} header name`)
      return [clean, this.#clean(value, `${side} header ${clean.toLowerCase()}`)]
    })
  }

  body(body: Body, headers: HeaderList): Body {
    const where = `${this.#side} body`
    const clean = (bytes: Uint8Array): Uint8Array => this.#whole(bytes, headers, where)
    if (typeof body !== 'string') {
      const result = mapDecoded(body, encodingOf(headers), clean, () => this.#unseen(where) ?? body)
      return result === body ? body : textOrBytes(result)
    }
    const bytes = Buffer.from(body)
    const result = clean(bytes)
    return result === bytes ? body : Buffer.from(result).toString()
  }

  text(text: string): string {
    return this.#clean(redactUrls(text, this.#rules.names), 'text')
  }

  response(headers: HeaderList): BodyRedactor {
    this.#side = 'response'
    this.#learn(secretsOfHeaders(headers, this.#rules.names))
    const encoding = encodingOf(headers)
    const where = 'response body'
    if (encoding === undefined || this.#rules.allowed.has(unseenBody))
      return this.#stream(headers, this.#observer(where))
    return new EncodedRedactor(
      encoding,
      (bytes, isCut) => this.#whole(bytes, headers, where, isCut),
      () => this.#unseen(where) ?? Buffer.from(redacted),
    )
  }

  #learn(values: readonly string[]): void {
    const once = values.filter((value) => /(signature|response)=/i.test(value)).join(' ')
    for (const value of worthLooking(values)) {
      if (this.#rules.known.has(value)) continue
      if (this.#side === 'request' && isDistinctive(value) && !once.includes(value)) this.#rules.share(value)
      if (this.#learned.has(value)) continue
      this.#learned.add(value)
      this.#automata = undefined
    }
  }

  #report(name: string, where: string | undefined): void {
    if (where === undefined || this.findings.some((one) => one.name === name && one.where === where)) return
    this.findings.push({ name, where })
  }

  /** What stands for a body that nobody can look into; undefined where it is allowed as it is. */
  #unseen(where: string): Uint8Array | undefined {
    if (this.#rules.allowed.has(unseenBody)) return undefined
    this.#report(unseenBody, where)
    return Buffer.from(redacted)
  }

  get #finders(): readonly Automaton<Mark>[] {
    return (this.#automata ??= this.#rules.automata(this.#learned))
  }

  #stream(headers: HeaderList, observer: Observer): StreamRedactor {
    const type = contentType(headers)
    return new StreamRedactor(
      this.#finders,
      new SecretValue(type.startsWith('multipart/')),
      isForm(type) ? new FormValue((name) => this.#rules.names.isFormField(name)) : undefined,
      observer,
    )
  }

  #observer(where: string | undefined): Observer {
    return { report: (name) => this.#report(name, where) }
  }

  /**
   * The same bytes where they hold no secret. What a request calls one may stand in it again, and come back in its answer,
   * called otherwise.
   */
  #whole(bytes: Uint8Array, headers: HeaderList, where: string | undefined, isCut = false): Uint8Array {
    // Most hold nothing, and one look is enough. What names a secret in a form is found on the way.
    if (!isForm(contentType(headers)) && !this.#finders.some((finder) => finder.finds(bytes))) return bytes
    const values: string[] = []
    const observer = this.#observer(where)
    const value = (found: Uint8Array): void => {
      if (found.length <= longestValue) values.push(Buffer.from(found).toString())
    }
    const redactor = this.#stream(headers, this.#side === 'request' ? { ...observer, value } : observer)
    const [piece] = [...redactor.push({ bytes, at: 0 }), ...redactor.end(isCut)]
    this.#learn(values.slice(0, mostValues).flatMap(meaningsOf).filter(isDistinctive))
    const hasLearned = this.#automata === undefined
    return hasLearned ? this.#whole(bytes, headers, where, isCut) : (piece?.bytes ?? bytes)
  }

  #clean(text: string, where: string | undefined): string {
    const bytes = Buffer.from(text)
    const clean = this.#whole(bytes, [], where)
    return clean === bytes ? text : Buffer.from(clean).toString()
  }
}

function isForm(type: string): boolean {
  return type.startsWith('application/x-www-form-urlencoded')
}

function automatonOf(
  known: ReadonlySet<string>,
  names: SecretNames,
  allowed: ReadonlySet<string>,
): Automaton<Mark> {
  const shapes = [...keyShapes.filter(({ name }) => name === null || !allowed.has(name)), ...accountShapes]
  return new Automaton<Mark>([
    ...[...known].flatMap(patternsOf),
    ...shapes.map((shape) => ({ text: shape.prefix, holds: true, mark: { type: 'shape', shape } }) as const),
    ...[...names.fields].map((name) => nameOf(name, 'field')),
    ...names.accounts.map((name) => nameOf(`"${name}`, 'account')),
    ...names.signed.map((name) => nameOf(`${name}=`, 'parameter')),
  ])
}

function nameOf(text: string, kind: 'field' | 'account' | 'parameter'): Pattern<Mark> {
  return { text, holds: false, mark: { type: 'name', kind } }
}

/** A secret is looked for by how it begins: the rest is compared once that is found. */
function patternsOf(secret: string): Pattern<Mark>[] {
  return [...new Set(formsOf(secret).map(lowerAscii))].map((form) => ({
    text: form.slice(0, shortestSecret),
    holds: true,
    mark: { type: 'secret', form: Buffer.from(form, 'latin1') },
  }))
}

function isSame(one: HeaderList, other: HeaderList): boolean {
  return (
    one === other ||
    (one.length === other.length &&
      one.every(([name, value], index) => name === other[index]?.[0] && value === other[index]?.[1]))
  )
}
