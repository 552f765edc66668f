/** What is particular to each dialect's streams of server-sent events, as far as they pass through as they are. */
import type { DialectName } from '@playhead/wire'
import { type DeltaRule, FormRule, noRule, StartRule } from './delta-rules.ts'

export interface StreamForm {
  rule(): DeltaRule
  /** What stands in every frame that counts tokens. */
  readonly usageMark: string
  /** What follows the last frame of a whole stream; it is added where an upstream leaves it out. */
  readonly end: string
}

const event = (type: string): string => `event: ${type}\ndata: {"type":"${type}",`

const responseDeltas = [
  'output_text',
  'reasoning_summary_text',
  'reasoning_text',
  'function_call_arguments',
  'custom_tool_call_input',
  'refusal',
].map((part) => event(`response.${part}.delta`))

/** Null where streams are no server-sent events, or are always translated. */
export const streamForms: Readonly<Record<string, StreamForm | null>> = {
  'openai-chat': { rule: () => new FormRule(), usageMark: '"usage"', end: 'data: [DONE]\n\n' },
  'openai-responses': { rule: () => new StartRule(responseDeltas), usageMark: '"usage"', end: '' },
  'anthropic-messages': {
    rule: () => new StartRule([event('content_block_delta')]),
    usageMark: '"usage"',
    end: '',
  },
  gemini: { rule: () => noRule, usageMark: '"usageMetadata"', end: '' },
  cohere: { rule: () => noRule, usageMark: '"usage"', end: '' },
  'bedrock-converse': null,
  ollama: null,
} satisfies Record<DialectName, StreamForm | null>
