/** Writes the settings of a request: how much the model thinks, and what goes with that. */
import {
  besideThinking,
  type ClaudeThinking,
  encodeClaudeThinking,
  thoughtTokens,
} from '../claude-thinking.ts'
import { isObject, type Unread } from '../json.ts'
import type { ModelRequest } from '../request.ts'
import { encodePart } from './encode-parts.ts'
import { keptFields } from './name.ts'

/** What an answer may have besides thinking where the request sets no limit; every model can write as much. */
const answerTokens = 4096

/** The settings, with `thinking` and the effort, which stands in `output_config`. */
export function encodeSettings(request: ModelRequest): Unread & ClaudeThinking {
  const { reasoning, maxOutputTokens } = request
  const said = isBare(request)
    ? {}
    : encodeClaudeThinking(request, (part) => encodePart(part, '', 'assistant') !== null)
  const { thinking } = said
  const { type, budget_tokens: budget } = thinking ?? {}
  const wanted = reasoning === undefined || type === 'disabled' ? answerTokens : thoughtTokens
  const { isShown } = (type !== 'disabled' && reasoning) || {}
  const display = isShown === undefined ? undefined : isShown ? 'summarized' : 'omitted'
  const { temperature, topP, topK } = besideThinking(request, said)
  return {
    max_tokens: maxOutputTokens ?? (reasoning?.budget && budget ? budget + answerTokens : wanted),
    temperature,
    top_p: topP,
    top_k: topK,
    stop_sequences: request.stop,
    ...said,
    thinking: thinking && { ...thinking, display },
  }
}

/** Whether a request of this dialect had an effort and no `thinking`: it goes on as it came. */
function isBare(request: ModelRequest): boolean {
  const { output_config: config } = keptFields(request)
  return isObject(config) && config['effort'] !== undefined
}
