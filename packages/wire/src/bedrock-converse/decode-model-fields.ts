/** Decodes the settings that each maker's models have under names of their own. */
import { isObject, type Unread } from '../json.ts'
import { without } from '../kept-fields.ts'
import type { ModelRequest, ReasoningSettings } from '../request.ts'
import { type Maker, makerOf } from './makers.ts'

type Settings = Pick<ModelRequest, 'reasoning' | 'topK'>

/** What was understood, and the names of the fields that said it. */
type Read = readonly [settings: Settings, known: readonly string[]]

const decoders: Readonly<Record<Maker, (fields: Unread) => readonly Read[]>> = {
  claude: (fields) => [decodeTopK(fields), decodeThinking(fields)],
  'amazon.nova': ({ inferenceConfig, reasoningConfig }) => [
    decodeInference(inferenceConfig),
    decodeReasoningConfig(reasoningConfig),
  ],
  'openai.': ({ reasoning_effort: effort }) => [
    typeof effort === 'string' ? [{ reasoning: { effort } }, ['reasoning_effort']] : nothing,
  ],
}

const nothing: Read = [{}, []]

/** Reads what is understood of the fields of a model, and gives the others. */
export function decodeModelFields(model: string, fields: Unread): readonly [Settings, Unread] {
  const maker = makerOf(model)
  const all = maker === undefined ? [] : decoders[maker](fields)
  const settings = Object.assign({}, ...all.map(([one]) => one)) as Settings
  return [
    settings,
    without(
      fields,
      all.flatMap(([, known]) => known),
    ),
  ]
}

function decodeTopK({ top_k: topK }: Unread): Read {
  return typeof topK === 'number' ? [{ topK }, ['top_k']] : nothing
}

/** `reasoning_config` is Bedrock's first name for `thinking`. */
function decodeThinking(fields: Unread): Read {
  const field = fields['thinking'] === undefined ? 'reasoning_config' : 'thinking'
  const thinking = fields[field]
  if (!isObject(thinking)) return nothing
  const { type, budget_tokens: budget, ...rest } = thinking
  const says = (reasoning: ReasoningSettings, ...more: string[]): Read => [{ reasoning }, [field, ...more]]
  if (Object.keys(rest).length > 0) return nothing
  if (type === 'enabled' && typeof budget === 'number') return says({ isEnabled: true, budget })
  if (budget !== undefined) return nothing
  if (type === 'disabled') return says({ isEnabled: false })
  if (type !== 'adaptive') return nothing
  const output = fields['output_config']
  const effort = isObject(output) && Object.keys(output).length === 1 ? output['effort'] : undefined
  return typeof effort === 'string' ? says({ effort }, 'output_config') : says({ isEnabled: true })
}

function decodeInference(wire: unknown): Read {
  const topK = isObject(wire) && Object.keys(wire).length === 1 ? wire['topK'] : undefined
  return typeof topK === 'number' ? [{ topK }, ['inferenceConfig']] : nothing
}

function decodeReasoningConfig(wire: unknown): Read {
  if (!isObject(wire)) return nothing
  const { type, maxReasoningEffort: effort, ...rest } = wire
  if (Object.keys(rest).length > 0) return nothing
  if (type === 'disabled' && effort === undefined)
    return [{ reasoning: { isEnabled: false } }, ['reasoningConfig']]
  const isWhole = type === 'enabled' && typeof effort === 'string'
  return isWhole ? [{ reasoning: { isEnabled: true, effort } }, ['reasoningConfig']] : nothing
}
