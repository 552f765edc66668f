/** Tools: what a model may have done, described to it by a schema. */
import type { JsonObject, MediaPart, TextPart, ToolCall, ToolResult } from '@playhead/wire'
import { text } from '@playhead/wire'
import { AgentError, messageOf } from './error.ts'
import { type InputSchema, type PreparedInput, prepareInput } from './schema.ts'

/** What a tool is made of. */
export interface ToolOptions<Input> {
  /** Up to 64 letters, digits, `_` and `-`: what all providers take. */
  readonly name: string
  /** What it does, for the model. */
  readonly description: string
  /** A Standard Schema of an object (zod, valibot, arktype, …), or JSON Schema: then name its type as `tool<Input>`. */
  readonly input: InputSchema<Input>
  /** The JSON Schema that the model sees. Default: the one that `input` is or writes. */
  readonly inputSchema?: JsonObject
  /**
   * Does it. Gives text, parts, or any value, which the model gets as JSON. What it throws, the model gets
   * as an error.
   */
  run(input: Input, context: ToolContext): unknown
}

/** What a tool is given beside its input. */
export interface ToolContext {
  readonly call: ToolCall
  /** Fires when the run is aborted. */
  readonly signal: AbortSignal
}

/** What `tool` makes. */
export interface Tool {
  readonly type: 'tool'
  readonly name: string
  readonly description: string
  readonly input: PreparedInput
  /**
   * Runs it. Whatever goes wrong (an input that is not valid, a `run` that throws) is an error result for the
   * model. Throws only when the signal has fired, and for a schema that cannot be checked.
   */
  answer(call: ToolCall, signal: AbortSignal): Promise<ToolResult>
}

/** Makes a tool. Throws an AgentError for a name or a schema that is not one. */
export function tool<Input = JsonObject>(options: ToolOptions<Input>): Tool {
  const { name, description } = options
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw new AgentError('configuration', `"${name}" is no tool name: use up to 64 letters, digits, _ and -`)
  }
  if (typeof options.run !== 'function')
    throw new AgentError('configuration', `The tool "${name}" has no run function`)
  const input = prepareInput(options.input, options.inputSchema, name)
  return {
    type: 'tool',
    name,
    description,
    input,
    async answer(call, signal) {
      if (call.input === undefined) {
        return errorResult(call, `The input of ${name} is not valid JSON: ${call.inputText}`)
      }
      const validated = await input.validate(call.input)
      if (validated.type === 'invalid') {
        return errorResult(call, `The input of ${name} is not valid. ${validated.issues.join('; ')}`)
      }
      signal.throwIfAborted()
      try {
        const output = outputOf(await options.run(validated.value as Input, { call, signal }))
        return { type: 'tool-result', id: call.id, name, output, isError: false }
      } catch (error) {
        signal.throwIfAborted()
        return errorResult(call, messageOf(error))
      }
    },
  }
}

/** What the model is told of a call that failed. */
export function errorResult({ id, name }: ToolCall, message: string): ToolResult {
  return { type: 'tool-result', id, name, output: [text(`Error: ${message}`)], isError: true }
}

/** Text and parts as they are, anything else as JSON. */
function outputOf(value: unknown): ToolResult['output'] {
  if (typeof value === 'string') return [text(value)]
  if (isParts(value)) return value
  const json = JSON.stringify(value ?? null) as string | undefined
  if (json === undefined) throw new Error(`The tool gave a ${typeof value}, which is not JSON`)
  return [text(json)]
}

function isParts(value: unknown): value is readonly (TextPart | MediaPart)[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPart)
}

function isPart(value: unknown): value is TextPart | MediaPart {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  if (value.type === 'text') return 'text' in value && typeof value.text === 'string'
  return value.type === 'media' && 'source' in value && 'mediaType' in value
}
