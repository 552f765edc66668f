/** Finds the interaction that answers a request. */
import { hash } from 'node:crypto'
import { sorted } from './canonical.ts'
import { type Content, readContent } from './content.ts'
import { type Body, contentType, type HeaderList } from './interaction.ts'
import { redactUrl } from './redact/url.ts'

/** What a request is recognised by. Its headers only say what its body is. */
export interface RequestIdentity {
  readonly method: string
  readonly url: string
  readonly headers?: HeaderList
  readonly body: Body
}

/**
 * What requests mean to somebody who knows more than HTTP, handed in by who does: for a model's dialect, the question
 * in its canonical form.
 */
export interface Meaning {
  /** Tapes whose keys were stored under another name are keyed anew. */
  readonly name: string
  /** The meaning as JSON; undefined for a request that is not known: it is compared as it is. */
  of(request: RequestIdentity): unknown
  /** How what was asked differs from what was recorded, one line for each place, in words of its own. */
  explain(recorded: unknown, asked: unknown): readonly string[]
  /** An error in the words of who is asked; undefined for a request that is not known. For faults. */
  error?(request: RequestIdentity, status: number, message: string): SaidError | undefined
}

/** An error of a provider: the response that says it, and the event that says it within a stream. */
export interface SaidError {
  readonly headers: HeaderList
  readonly body: string
  readonly event: Uint8Array
}

/** Takes out of a request what varies from run to run, before it is compared. */
export interface Normaliser {
  /** Declared in the tape. */
  readonly name: string
  /** A body's meaning or JSON, or a text of it, without what varies. Applied again, it changes nothing. */
  apply(value: unknown): unknown
  /** The same for a URL; absent where it has nothing to do there. */
  url?(url: string): string
}

/** How requests are compared; without anything, as they are. */
export interface Comparison {
  readonly meaning?: Meaning | undefined
  /** In the order in which they are applied: `normalisersFor` knows it. */
  readonly normalise?: readonly Normaliser[]
}

/** Recognises requests. */
export interface Matcher {
  /** Two matchers of one name give the same keys. */
  readonly name: string
  /** A text that two requests share exactly when one answer fits both. */
  key(request: RequestIdentity): string
}

/** What a key is stored as. */
export function digest(key: string): string {
  return hash('sha256', key, 'base64url').slice(0, 22)
}

/** What a request is found by, as it is stored. */
export interface Keys {
  /** The digest of its key. */
  readonly key: string
  /** The digest of how it is written; null for bytes. */
  readonly exact: string | null
}

export function keysOf(request: RequestIdentity, matcher: Matcher): Keys {
  return { key: digest(matcher.key(request)), exact: exactDigest(request) }
}

/** Requests that share it are written the same, so they share their key: it says which without reading them. */
export function exactDigest({ method, url, headers = [], body }: RequestIdentity): string | null {
  if (typeof body !== 'string') return null
  return digest(`${method} ${redactUrl(url)}\n${contentType(headers)}\n${body}`)
}

/**
 * A matcher that looks at the method, at the URL without its secrets, and at what the body means: to `meaning` if that
 * knows it, else as JSON, a form, a text or bytes. Headers are not compared, so what an SDK says of itself in them
 * needs no normaliser. The URL's host counts, and its parameters in their order.
 */
export function createMatcher(how: Comparison = {}): Matcher {
  const { meaning, normalise = [] } = how
  const name = [meaning?.name ?? 'strict', ...normalise.map((one) => one.name)].join('+')
  return {
    name,
    key(request) {
      const { method, url, type, value } = identify(request, how)
      const isText = type === 'text' || type === 'bytes'
      return `${method} ${url}\n${type} ${isText ? String(value) : JSON.stringify(value)}`
    },
  }
}

/** Method, URL without its secrets, and body, JSON by its value. */
export const strictMatcher: Matcher = createMatcher()

/** All that a request is compared by. */
export interface Identity extends Content {
  readonly method: string
  readonly url: string
}

/** Two requests match exactly when these are equal. */
export function identify(request: RequestIdentity, { meaning, normalise = [] }: Comparison): Identity {
  const url = redactUrl(request.url)
  const meant = meaning?.of(request)
  const { type, value } =
    meaning === undefined || meant === undefined
      ? readContent(request.body, request.headers)
      : { type: meaning.name, value: meant }
  return {
    method: request.method.toUpperCase(),
    url: normalise.reduce((text, one) => one.url?.(text) ?? text, url),
    type,
    value: sorted(type.endsWith('bytes') ? value : normalise.reduce((left, one) => one.apply(left), value)),
  }
}

/**
 * The places of a cassette's interactions, each to be used once. Equal requests are answered in recorded order, so
 * a retry gets the answer that the retry got; different ones in any order, so that parallel calls replay.
 */
export class Shelf {
  readonly #length: number
  readonly #digestAt: (place: number) => string
  readonly #digests: string[] = []
  readonly #byKey = new Map<string, Row>()
  readonly #taken: number[] = []

  /** Takes what gives the digest of an interaction's key: it is asked for each once, in order, when nothing before fits. */
  constructor(length: number, digestAt: (place: number) => string) {
    this.#length = length
    this.#digestAt = digestAt
  }

  /** The place that `take` would take. */
  peek(text: string): number | undefined {
    const row = this.#rowOf(text)
    return row?.places[row.used]
  }

  /** Takes the place of the first unused interaction whose key has this digest; undefined when there is none. */
  take(text: string): number | undefined {
    const row = this.#rowOf(text)
    const place = row?.places[row.used]
    if (row === undefined || place === undefined) return undefined
    row.used += 1
    this.#taken.push(place)
    return place
  }

  /** Of every interaction's key, in order. */
  get digests(): readonly string[] {
    while (this.#digests.length < this.#length) this.#readNext()
    return this.#digests
  }

  /** In recorded order. */
  get unused(): readonly number[] {
    const taken = new Set(this.#taken)
    return Array.from({ length: this.#length }, (_, place) => place).filter((place) => !taken.has(place))
  }

  /** In the order in which they were taken. */
  get taken(): readonly number[] {
    return this.#taken
  }

  /** Has an unused place where there is one. */
  #rowOf(text: string): Row | undefined {
    const row = this.#byKey.get(text)
    if (row !== undefined && row.used < row.places.length) return row
    while (this.#digests.length < this.#length) if (this.#readNext() === text) return this.#byKey.get(text)
    return row
  }

  #readNext(): string {
    const place = this.#digests.length
    const text = this.#digestAt(place)
    this.#digests.push(text)
    const row = this.#byKey.get(text)
    if (row === undefined) this.#byKey.set(text, { places: [place], used: 0 })
    else row.places.push(place)
    return text
  }
}

/** The places of one key, and how many of them are used. */
interface Row {
  readonly places: number[]
  used: number
}
