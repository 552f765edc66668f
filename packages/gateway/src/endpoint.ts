/** An endpoint: one provider serving one model, with price and limits. */
import type { Authorize, DialectName, Provider } from '@playhead/wire'
import type { Price } from './price.ts'
import type { Transport } from './transport/transport.ts'

export interface Endpoint {
  /** Unique in the gateway, the same after each start: `groq:moonshotai/kimi-k2-instruct`. Health and ledger go by it. */
  readonly id: string
  /** What clients ask for: `moonshotai/kimi-k2`. */
  readonly model: string
  /** What its provider calls the model. */
  readonly upstreamModel: string
  /** As `provider.order` and the like name it: `groq`, or `vertex/us-east5` for one of several at a provider. */
  readonly tag: string
  /** Who is spoken to: base URLs filled in, no variables left. */
  readonly provider: Provider
  /** What it can be spoken to in, the preferred first. A client's own comes before all others. */
  readonly dialects: readonly DialectName[]
  /** Null: nobody knows. What then happens is `unpriced` of the configuration. */
  readonly price: Price | null
  /** Tokens of prompt and answer together; null: not known. */
  readonly contextLength: number | null
  /** The longest answer; null: not known. */
  readonly maxOutputTokens: number | null
  /** Request fields that it honours, in OpenRouter's names; null: not known, so all are taken to be. */
  readonly supportedParameters: readonly string[] | null
  /** `fp8`, …; `unknown`. */
  readonly quantization: string
  /** Whether the provider may keep and learn from prompts. */
  readonly collectsData: boolean
  /** Whether it keeps nothing. */
  readonly isZdr: boolean
  /** Whether its key is the caller's own. */
  readonly isByok: boolean
  /** Whether what it costs counts against limits of money: what a caller's own key pays does where that key says so. */
  readonly isCounted: boolean
  /** Whether it answers from a tape, where nobody is asked anything. */
  readonly isTape: boolean
  readonly transport: Transport
  /** The proof of who asks, for one of its dialects. */
  authorize(dialect: DialectName): Authorize
}
