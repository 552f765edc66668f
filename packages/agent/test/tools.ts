/** Tools and messages that several suites run agents on. */
import type { Message, ToolCall } from '@playhead/wire'
import { type InputSchema, type Tool, tool } from '../src/index.ts'
import { ofType, play, type Said, says, script } from './servers.ts'

export const anything = { type: 'object' }

/** A tool that says its name and its input's text. */
export function echo(name: string, ran: string[] = []): Tool {
  return tool({
    name,
    description: name,
    input: anything,
    run: (_, { call }) => {
      ran.push(call.id)
      return `${name} ${call.inputText}`
    },
  })
}

export function called(...ids: string[]): Said {
  return { calls: ids.map((id) => [id, 'echo', `{"id":"${id}"}`]) }
}

export const user: Message = { role: 'user', content: [{ type: 'text', text: 'Go' }] }
export const call: ToolCall = { type: 'tool-call', id: 'a', name: 'echo', input: {}, inputText: '{}' }
export const asking: Message = { role: 'assistant', content: [{ type: 'text', text: 'Let me see' }, call] }
export const results: Message = {
  role: 'tool',
  content: [
    { type: 'tool-result', id: 'a', name: 'echo', output: [{ type: 'text', text: 'x' }], isError: false },
  ],
}
export const done: Message = { role: 'assistant', content: [{ type: 'text', text: 'Done' }] }

interface Answered {
  /** What the model reads. */
  readonly content: unknown
  readonly isError: boolean
}

/** Has the model call a tool once, and gives what it got for it. */
export async function callOnce(tools: readonly Tool[], inputText: string, name = 'it'): Promise<Answered> {
  const server = script(says({ calls: [['a', name, inputText]] }), says({ text: 'Done' }))
  const { requests, events } = await play(server, { tools })
  const [event] = ofType(events, 'tool-result')
  return { content: requests[1]?.body.messages.at(-1)?.content, isError: event?.result.isError === true }
}

/** A tool that says what reached it. */
export function showing<Input>(input: InputSchema<Input>): Tool {
  return tool({ name: 'it', description: 'shows', input, run: (reached) => JSON.stringify(reached) })
}

export const jsonSchema = {
  type: 'object',
  properties: { a: { type: 'number' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['a'],
} as const
