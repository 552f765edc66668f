/** The fields of a provider in `playhead.yaml`, and timeouts, which it may have of its own. */
import { type DialectName, providers } from '@playhead/wire'
import type { Timeouts } from './configuration.ts'
import { secret, textOrSecret } from './secret.ts'
import {
  type Fields,
  type Located,
  located,
  mapOf,
  record,
  type RecordShape,
  someOf,
  scalar,
  word,
} from './shape.ts'
import { flag, time } from './units.ts'

export interface WrittenProvider {
  readonly kind: string | null
  readonly apiKey: string | null
  readonly variables: ReadonlyMap<string, string>
  readonly baseUrl: Located<string> | null
  readonly dialects: readonly DialectName[] | null
  readonly allowPrivate: boolean | null
  readonly collectsData: boolean
  readonly zdr: boolean
  readonly timeouts: { readonly [Name in keyof Timeouts]: number | null }
}

/** Each once, which its type sees to. */
const speaks: Readonly<Record<DialectName, true>> = {
  'openai-chat': true,
  'openai-responses': true,
  'anthropic-messages': true,
  gemini: true,
  'bedrock-converse': true,
  cohere: true,
  ollama: true,
}
const dialectNames = Object.keys(speaks) as DialectName[]

export const timeoutFields: Fields<Timeouts> = {
  connect: {
    shape: time,
    says: 'Until a connection to the provider stands.',
    otherwise: { value: 10_000, shown: '10s' },
  },
  head: {
    shape: time,
    says: 'From then until the response’s head. That of a plain answer comes when it is whole.',
    otherwise: { value: 120_000, shown: '2m' },
  },
  firstToken: {
    shape: time,
    says: 'From the head until the first token of a stream.',
    otherwise: { value: 60_000, shown: '60s' },
  },
  idle: { shape: time, says: 'Between two chunks.', otherwise: { value: 60_000, shown: '60s' } },
}

export const timeouts: RecordShape<Timeouts> = record<Timeouts>(
  'timeouts: connect, head, first_token, idle',
  timeoutFields,
)

const ofAll = { value: null, shown: 'as `timeouts`' }
const ownTimeouts = record<WrittenProvider['timeouts']>('timeouts: connect, head, first_token, idle', {
  connect: { ...timeoutFields.connect, otherwise: ofAll },
  head: { ...timeoutFields.head, otherwise: ofAll },
  firstToken: { ...timeoutFields.firstToken, otherwise: ofAll },
  idle: { ...timeoutFields.idle, otherwise: ofAll },
})

export const provider: RecordShape<WrittenProvider> = record<WrittenProvider>(
  'a provider: {kind, api_key, …} or nothing',
  {
    kind: {
      shape: word(...providers.keys()),
      says: 'Whose dialects, addresses and quirks it has; `playhead providers` lists them.',
      otherwise: { value: null, shown: 'the provider’s name here' },
    },
    apiKey: {
      shape: secret,
      says: 'Its key, by where it is kept.',
      otherwise: { value: null, shown: 'the kind’s own variable, such as `GROQ_API_KEY`' },
    },
    variables: {
      shape: mapOf('a map of variables', textOrSecret),
      says: 'Variables that only this provider sees, such as `AZURE_RESOURCE_NAME` or `AWS_REGION`.',
      otherwise: { value: new Map<string, string>(), shown: 'none' },
    },
    baseUrl: {
      shape: located(
        scalar('an http(s) URL without user, query and fragment', { type: 'string', format: 'uri' }, urlOf),
      ),
      says: 'Where its API starts.',
      otherwise: { value: null, shown: 'the kind’s' },
    },
    dialects: {
      shape: someOf('a list of dialects', word(...dialectNames)),
      says: 'What it can be spoken to in, the preferred first.',
      otherwise: { value: null, shown: 'the kind’s' },
    },
    allowPrivate: {
      shape: flag,
      says: 'Whether addresses of private networks and of this machine may be spoken to.',
      otherwise: { value: null, shown: 'only for `ollama`, `llama.cpp` and `vllm`' },
    },
    collectsData: {
      shape: flag,
      says: 'Whether it may keep prompts and learn from them: `data_collection: deny` passes it over.',
      otherwise: { value: false, shown: 'false' },
    },
    zdr: {
      shape: flag,
      says: 'Whether it keeps nothing: `zdr: true` of a request asks for it.',
      otherwise: { value: false, shown: 'false' },
    },
    timeouts: {
      shape: ownTimeouts,
      says: 'As `timeouts`, for this provider.',
      otherwise: {
        value: { connect: null, head: null, firstToken: null, idle: null },
        shown: 'as `timeouts`',
      },
    },
  },
)

function urlOf(said: string): string | undefined {
  const url = URL.canParse(said) ? new URL(said) : null
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === ''
  return isPlain && !/[?#\s]/.test(said) ? said.replace(/\/+$/, '') : undefined
}
