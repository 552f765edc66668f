/** Makes one message of the results that answer one step. */
import type { Message, ToolResult } from './message.ts'

/** The messages, with one in place of tools' messages that follow each other; what only the first keeps stays. */
export function joinResults(messages: Iterable<Message>): Message[] {
  const joined: Message[] = []
  let results: ToolResult[] | undefined
  for (const message of messages) {
    if (message.role !== 'tool') {
      results = undefined
      joined.push(message)
    } else if (results !== undefined && message.data === undefined) {
      for (const result of message.content) results.push(result)
    } else {
      results = [...message.content]
      joined.push({ ...message, content: results })
    }
  }
  return joined
}
