/** What an interaction was: the conversation that was sent and what came back, derived from its bytes. */
import type { Interaction } from '@playhead/tape'
import { type Answer, type ToolCall, understand, type Understanding } from '@playhead/wire'

export interface Inspection extends Understanding {
  readonly file: string
  readonly interaction: Interaction
}

export function inspect(file: string, interaction: Interaction): Inspection {
  return { file, interaction, ...understand(interaction) }
}

/** The object that `playhead tape inspect --json` prints: one a line. */
export function toJson({ file, interaction, dialect, isStream, model, outcome }: Inspection): object {
  const { id, request: sent, response, ending, startedAt } = interaction
  const answer = outcome?.type === 'answer' ? outcome : null
  const failed = outcome?.type === 'failure' ? outcome : null
  const content = (answer?.message ?? failed?.partial)?.content ?? []
  const usage = outcome?.usage ?? null
  return {
    file,
    id,
    method: sent.method,
    url: sent.url,
    status: response?.status ?? null,
    dialect: dialect?.name ?? null,
    stream: isStream,
    model,
    text: join(content, 'text'),
    reasoning: join(content, 'reasoning'),
    toolCalls: content.filter((part) => part.type === 'tool-call').map(toolCallToJson),
    finishReason: answer?.finishReason ?? null,
    usage: usage === null ? null : { ...usage, inputTokens: usage.inputTokens || null },
    cost: outcome?.cost ?? null,
    error:
      failed === null ? null : { code: failed.code, message: failed.message, retryable: failed.retryable },
    startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
    firstByte: response?.duration ?? null,
    duration: ending.at,
    chunks: response?.chunks?.length ?? null,
    ending,
  }
}

/** Gemini may give no id, and then notes so beside the one that a call must have. */
function toolCallToJson({ id, name, input, inputText, data = {} }: ToolCall): object {
  const isGiven = Object.values(data).every((fields) => fields['id'] !== null)
  return { id: isGiven ? id : null, name, input: input === undefined ? inputText : input }
}

function join(content: Answer['message']['content'], type: 'text' | 'reasoning'): string {
  let text = ''
  for (const part of content) if (part.type === type) text += part.text
  return text
}
