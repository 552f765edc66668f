/** Tells conversations apart by how they begin, which is what a provider's prompt cache goes by. */
import { hash } from 'node:crypto'
import { isObject } from '@playhead/wire'
import type { Question } from '../question.ts'
import { isAbsent } from './fields.ts'

/** Characters of each message that count: agents differ long before. */
const most = 4096

/** A digest of the model, of what the system says first, and of the first message that is not the system's. */
export function cachePrefixOf({ models: [model = ''], body }: Pick<Question, 'models' | 'body'>): string {
  const said = body['messages'] ?? body['input'] ?? body['contents']
  const messages: readonly unknown[] = Array.isArray(said) ? said : [said]
  const system =
    body['system'] ?? body['instructions'] ?? body['systemInstruction'] ?? body['system_instruction']
  const first = messages.find((message) => !isSystem(message))
  return hash(
    'sha256',
    [model, wordsOf(system ?? messages.find(isSystem)), wordsOf(first)].join('\n'),
    'base64url',
  )
}

function isSystem(message: unknown): boolean {
  return isObject(message) && (message['role'] === 'system' || message['role'] === 'developer')
}

/** The text of a message in any dialect; of what has no text, what it is written as. */
function wordsOf(message: unknown): string {
  if (isAbsent(message)) return ''
  if (typeof message === 'string') return `${message.length}:${message.slice(0, most)}`
  if (Array.isArray(message)) return message.slice(0, 64).map(wordsOf).join('')
  if (!isObject(message)) return ''
  const inner = message['content'] ?? message['parts'] ?? message['text']
  return isAbsent(inner) ? JSON.stringify(message).slice(0, most) : wordsOf(inner)
}
