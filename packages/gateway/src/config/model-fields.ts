/** The fields of a model and its endpoints in `playhead.yaml`. */
import type { Price } from '../price.ts'
import { price } from './prices.ts'
import { listOf, type Located, located, record, type RecordShape, someOf, word } from './shape.ts'
import { count, text } from './units.ts'

export interface WrittenModel {
  readonly title: string | null
  readonly endpoints: readonly Located<WrittenEndpoint>[]
}

export interface WrittenEndpoint {
  readonly provider: Located<string>
  readonly model: string | null
  readonly tag: string | null
  readonly price: Price | null
  readonly contextLength: number | null
  readonly maxOutputTokens: number | null
  readonly supportedParameters: readonly string[] | null
  readonly quantization: string
}

const none = { value: null, shown: 'none' }

/** https://openrouter.ai/docs/features/provider-routing#quantization */
const quantizations = ['int4', 'int8', 'fp4', 'fp6', 'fp8', 'fp16', 'bf16', 'fp32', 'unknown'] as const

export const endpoint: RecordShape<WrittenEndpoint> = record<WrittenEndpoint>('an endpoint: {provider, …}', {
  provider: { shape: located(text), says: 'Name of one of `providers`.' },
  model: {
    shape: text,
    says: 'What the provider calls the model.',
    otherwise: { value: null, shown: 'the model’s name here' },
  },
  tag: {
    shape: text,
    says: 'What `provider.order` and the like of a request call it.',
    otherwise: { value: null, shown: 'the provider’s name' },
  },
  price: {
    shape: price,
    says: 'What its tokens cost.',
    otherwise: { value: null, shown: 'the catalogue’s' },
  },
  contextLength: {
    shape: count,
    says: 'Tokens of prompt and answer together.',
    otherwise: { value: null, shown: 'the catalogue’s' },
  },
  maxOutputTokens: { shape: count, says: 'Tokens of the longest answer.', otherwise: none },
  supportedParameters: {
    shape: listOf('a list of request fields', text),
    says: 'Request fields that it honours, such as `tools`; what is not known is taken to be.',
    otherwise: { value: null, shown: 'all' },
  },
  quantization: {
    shape: word(...quantizations),
    says: 'How its weights are stored.',
    otherwise: { value: 'unknown', shown: 'unknown' },
  },
})

export const model: RecordShape<WrittenModel> = record<WrittenModel>('a model: {endpoints: […]}', {
  title: { shape: text, says: 'Its name for people.', otherwise: { value: null, shown: 'its name' } },
  endpoints: {
    shape: someOf('a list of endpoints, each with its provider', located(endpoint)),
    says: 'Who serves it.',
  },
})
