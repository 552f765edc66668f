/** Decodes `content`, which is text, or for Mistral's reasoning models a list of parts. */
import { arrayOr, isObject, stringOr } from '../json.ts'

/** The text of a `content`; parts that are not text are left to `thinkingOf`. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content
  let text = ''
  for (const part of arrayOr(content)) {
    if (isObject(part) && (part['type'] === 'text' || part['type'] === undefined))
      text += stringOr(part['text']) ?? ''
  }
  return text
}

/** The reasoning in a `content`: parts `{type: 'thinking', thinking: [{type: 'text', text}]}` (Mistral). */
export function thinkingOfContent(content: unknown): string {
  let text = ''
  for (const part of arrayOr(content)) {
    if (isObject(part) && part['type'] === 'thinking') text += textOfContent(part['thinking'])
  }
  return text
}
