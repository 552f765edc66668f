/** Which parameters a request uses, in OpenRouter's names for what an endpoint may support. */
import { type DialectName, isObject, type Unread } from '@playhead/wire'
import { fieldOf, isAbsent } from './fields.ts'
import { limitPaths } from './output-limit.ts'
import { inBothForms, type Path, valueAt } from './path.ts'

/** A parameter, the fields that ask for it, and which of their values do. Default: any but null and an empty list. */
type Row = readonly [
  parameter: string,
  paths: readonly Path[],
  asks?: ((value: unknown) => boolean) | undefined,
]

/** In one order, each once. What a field says by default is not in use: a choice of `auto`, a format of `text`. */
export function parametersOf(dialect: DialectName, body: Unread): readonly string[] {
  const used: string[] = []
  for (const row of rows[dialect]) if (isUsed(row, body) && !used.includes(row[0])) used.push(row[0])
  return used
}

/** Where a dialect says these parameters. */
export function pathsOf(dialect: DialectName, parameters: readonly string[]): readonly Path[] {
  return rows[dialect].flatMap(([parameter, paths]) => (parameters.includes(parameter) ? paths : []))
}

function isUsed([, paths, asks = isSaid]: Row, body: Unread): boolean {
  for (const path of paths) if (asks(valueAt(body, path))) return true
  return false
}

function isSaid(value: unknown): boolean {
  return !isAbsent(value) && !(Array.isArray(value) && value.length === 0)
}

/** The same name in the dialect. */
function same(...names: readonly string[]): Row[] {
  return names.map((name) => [name, [[name]]])
}

function inside(owner: string, names: Readonly<Record<string, string>>): Row[] {
  return Object.entries(names).map(([parameter, name]) => [parameter, [[owner, name]]])
}

function google(rows: readonly Row[]): Row[] {
  return rows.map(([parameter, paths, asks]) => [parameter, paths.flatMap(inBothForms), asks])
}

function isFormat(value: unknown): boolean {
  return isObject(value) && typeof value['type'] === 'string' && value['type'] !== 'text'
}

function isSchema(value: unknown): boolean {
  return isObject(value) && value['type'] === 'json_schema'
}

/** `auto`, `{type: 'auto'}`, `{auto: {}}` say what is so anyhow. */
function isChoice(value: unknown): boolean {
  if (isAbsent(value) || value === 'auto') return false
  return !isObject(value) || (value['type'] !== 'auto' && value['auto'] === undefined)
}

function isMode(value: unknown): boolean {
  return isObject(value) && isSaid(value['mode']) && value['mode'] !== 'AUTO'
}

function isThinking(value: unknown): boolean {
  return value !== false && isSaid(value) && !(isObject(value) && value['type'] === 'disabled')
}

const isTrue = (value: unknown): boolean => value === true

const has =
  (name: string) =>
  (value: unknown): boolean =>
    isObject(value) && isSaid(fieldOf(value, name))

/** OpenRouter's own, which it also takes beside the fields of other dialects. */
const sampling = same(
  'seed',
  'top_k',
  'min_p',
  'top_a',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'logit_bias',
)

const rows: Readonly<Record<DialectName, readonly Row[]>> = {
  'openai-chat': [
    ['tools', [['tools'], ['functions']]],
    ['tool_choice', [['tool_choice'], ['function_call']], isChoice],
    ...same('parallel_tool_calls'),
    ['response_format', [['response_format']], isFormat],
    ['structured_outputs', [['response_format']], isSchema],
    ['reasoning', [['reasoning'], ['reasoning_effort'], ['thinking'], ['enable_thinking']], isThinking],
    ...same('include_reasoning', 'temperature', 'top_p', 'stop', 'verbosity', 'web_search_options'),
    ['logprobs', [['logprobs']], isTrue],
    ...same('top_logprobs'),
    ['max_tokens', limitPaths['openai-chat']],
    ...sampling,
  ],
  'openai-responses': [
    ...same('tools'),
    ['tool_choice', [['tool_choice']], isChoice],
    ...same('parallel_tool_calls'),
    ['response_format', [['text', 'format']], isFormat],
    ['structured_outputs', [['text', 'format']], isSchema],
    ['reasoning', [['reasoning']], isThinking],
    ['verbosity', [['text', 'verbosity']]],
    ...same('temperature', 'top_p', 'top_logprobs'),
    ['max_tokens', limitPaths['openai-responses']],
    ...sampling,
  ],
  'anthropic-messages': [
    ...same('tools'),
    ['tool_choice', [['tool_choice']], isChoice],
    ['parallel_tool_calls', [['tool_choice', 'disable_parallel_tool_use']]],
    ['response_format', [['output_config', 'format'], ['output_format']]],
    ['structured_outputs', [['output_config', 'format'], ['output_format']], isSchema],
    ['reasoning', [['thinking']], isThinking],
    ['reasoning', [['output_config', 'effort']]],
    ...same('temperature', 'top_p'),
    ['stop', [['stop_sequences']]],
    ['max_tokens', limitPaths['anthropic-messages']],
    ...sampling,
  ],
  gemini: google([
    ...same('tools'),
    ['tool_choice', [['toolConfig', 'functionCallingConfig']], isMode],
    ['response_format', [['generationConfig', 'responseMimeType']], (value) => value === 'application/json'],
    ...['responseSchema', 'responseJsonSchema'].map((name): Row => [
      'structured_outputs',
      [['generationConfig', name]],
    ]),
    ...inside('generationConfig', {
      reasoning: 'thinkingConfig',
      max_tokens: 'maxOutputTokens',
      temperature: 'temperature',
      top_p: 'topP',
      top_k: 'topK',
      stop: 'stopSequences',
      seed: 'seed',
      frequency_penalty: 'frequencyPenalty',
      presence_penalty: 'presencePenalty',
      top_logprobs: 'logprobs',
    }),
    ['logprobs', [['generationConfig', 'responseLogprobs']], isTrue],
  ]),
  'bedrock-converse': [
    ['tools', [['toolConfig', 'tools']]],
    ['tool_choice', [['toolConfig', 'toolChoice']], isChoice],
    ['structured_outputs', [['outputConfig', 'textFormat']]],
    ['reasoning', [['additionalModelRequestFields']], has('thinking')],
    ...inside('inferenceConfig', {
      max_tokens: 'maxTokens',
      temperature: 'temperature',
      top_p: 'topP',
      stop: 'stopSequences',
    }),
  ],
  cohere: [
    ...same('tools'),
    ['tool_choice', [['tool_choice']], isChoice],
    ['response_format', [['response_format']], isFormat],
    ['reasoning', [['thinking']], isThinking],
    ['max_tokens', limitPaths.cohere],
    ...same('temperature', 'seed', 'frequency_penalty', 'presence_penalty'),
    ['top_p', [['p']]],
    ['top_k', [['k']]],
    ['stop', [['stop_sequences']]],
    ['logprobs', [['logprobs']], isTrue],
  ],
  ollama: [
    ...same('tools'),
    ['response_format', [['format']]],
    ['structured_outputs', [['format']], isObject],
    ['reasoning', [['think']], isThinking],
    ['logprobs', [['logprobs']], isTrue],
    ...same('top_logprobs'),
    ...inside('options', {
      max_tokens: 'num_predict',
      temperature: 'temperature',
      top_p: 'top_p',
      top_k: 'top_k',
      min_p: 'min_p',
      stop: 'stop',
      seed: 'seed',
      frequency_penalty: 'frequency_penalty',
      presence_penalty: 'presence_penalty',
      repetition_penalty: 'repeat_penalty',
    }),
  ],
}
