/** Pi: its chat-completions stream, and its agent loop. */
import { agentLoop, type AgentMessage, type AgentTool } from '@earendil-works/pi-agent-core'
import { type Message, type Model, normalizeContext } from '@earendil-works/pi-ai'
import { stream as piStream, streamSimple } from '@earendil-works/pi-ai/api/openai-completions'
import { baseUrl, calculator, instructions, type MakeTarget, maxOutputTokens, model } from './target.ts'
import { type Note, noteSchema, type Pair, pairSchema, question, writers } from './target.ts'

const kimi: Model<'openai-completions'> = {
  id: model,
  name: model,
  api: 'openai-completions',
  provider: 'openrouter',
  baseUrl,
  reasoning: false,
  input: ['text'],
  cost: { input: 0.38, output: 1.52, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 262144,
  maxTokens: maxOutputTokens,
}

const asked: Message = { role: 'user', content: question, timestamp: 0 }

export const target: MakeTarget = (fetch) => {
  const tools = calculator.map(({ name, description, run }): AgentTool => ({
    name,
    label: name,
    description,
    parameters: pairSchema,
    execute: async (_id, input) => ({
      content: [{ type: 'text', text: String(run(input as Pair)) }],
      details: undefined,
    }),
  }))
  return {
    async stream(onText) {
      const noteTools = writers.map((tool) => ({ ...tool, parameters: noteSchema }))
      const inputs: string[] = []
      const context = normalizeContext({ messages: [asked], tools: noteTools })
      for await (const event of piStream(kimi, context, { apiKey: 'x', fetch, maxRetries: 0 })) {
        if (event.type === 'text_delta') onText(event.delta)
        else if (event.type === 'toolcall_end')
          inputs.push((event.toolCall.arguments as unknown as Note).text)
        else if (event.type === 'error') throw new Error(event.error.errorMessage)
      }
      return inputs
    },

    async run(onText) {
      const system: Message = { role: 'system', content: instructions, timestamp: 0 }
      const config = {
        model: kimi,
        apiKey: 'x',
        fetch,
        maxRetries: 0,
        maxTokens: maxOutputTokens,
        convertToLlm: (messages: AgentMessage[]) => messages as Message[],
      }
      let text = ''
      const events = agentLoop(
        [asked],
        { messages: [system], tools },
        config,
        undefined,
        (_model, context, options) => streamSimple(kimi, context, options),
      )
      for await (const event of events) {
        if (event.type === 'message_start') text = ''
        if (event.type !== 'message_update' || event.assistantMessageEvent.type !== 'text_delta') continue
        text += event.assistantMessageEvent.delta
        onText(event.assistantMessageEvent.delta)
      }
      return text
    },
  }
}
