/** Events to a message and back, apart from the decoders. */
import type { Answer, AssistantPart, StreamEvent } from '../../src/index.ts'
import { AnswerBuilder } from '../../src/answer-builder.ts'

/** What a reader who only adds up the events has in the end. Throws where they contradict themselves. */
export function fold(events: readonly StreamEvent[]): AssistantPart[] {
  const parts: (AssistantPart | { readonly type: 'open-call'; text: string })[] = []
  const calls: number[] = []
  let called = 0
  let isOpen = false
  for (const event of events) {
    const last = parts.at(-1)
    switch (event.type) {
      case 'text':
      case 'reasoning':
        if (isOpen && last?.type === event.type)
          parts[parts.length - 1] = { ...last, text: last.text + event.text }
        else parts.push({ type: event.type, text: event.text })
        isOpen = true
        break
      case 'part-end':
        if (isOpen && last?.type === event.part.type) {
          if (last.text !== event.part.text)
            throw new Error(`The deltas say ${last.text}, their end ${event.part.text}`)
          parts[parts.length - 1] = event.part
        } else parts.push(event.part)
        isOpen = false
        break
      case 'part':
        parts.push(event.part)
        isOpen = false
        break
      case 'tool-input': {
        const place = calls[event.index]
        if (place === undefined) calls[event.index] = parts.push({ type: 'open-call', text: event.text }) - 1
        else {
          const call = parts[place]
          if (call?.type === 'open-call') call.text += event.text
        }
        isOpen = isOpen && place !== undefined
        break
      }
      case 'tool-call': {
        const place = calls[called++]
        if (place === undefined) throw new Error('A tool call came without its input')
        const open = parts[place]
        const isSaid =
          open?.type === 'open-call' && (open.text.trim() === '' ? '{}' : open.text) === event.call.inputText
        if (!isSaid) throw new Error(`The input's deltas are not ${event.call.inputText}`)
        parts[place] = event.call
        break
      }
      case 'finish':
      case 'error':
        break
    }
  }
  return parts.filter((part) => part.type !== 'open-call')
}

/** The events of a plain answer, were it streamed in small pieces. */
export function eventsOfAnswer(answer: Answer): readonly StreamEvent[] {
  const builder = new AnswerBuilder()
  const { id, model, provider, rawFinishReason, usage, cost, data, logprobs } = answer
  Object.assign(builder, { id, model, provider, rawFinishReason, usage, cost, data })
  builder.logprobs.push(...(logprobs ?? []))
  for (const part of answer.message.content) addPart(builder, part)
  builder.finish(answer.finishReason)
  return builder.takeEvents()
}

function addPart(builder: AnswerBuilder, part: AssistantPart): void {
  switch (part.type) {
    case 'text':
      for (const piece of pieces(part.text)) builder.addText(piece)
      for (const citation of part.citations ?? []) builder.addCitation(citation)
      addData(builder, part)
      return
    case 'reasoning':
      for (const piece of pieces(part.text)) builder.addReasoning(piece)
      addData(builder, part)
      return
    case 'tool-call': {
      const call = builder.openCall(part.id, part.name, part.data)
      for (const piece of pieces(part.inputText)) builder.addInput(call, piece)
      return
    }
    case 'media':
    case 'provider-call':
    case 'provider-result':
      builder.addPart(part)
  }
}

function addData(
  builder: AnswerBuilder,
  part: AssistantPart & { readonly type: 'text' | 'reasoning' },
): void {
  for (const [dialect, fields] of Object.entries(part.data ?? {})) builder.addData(part.type, dialect, fields)
  builder.endPart()
}

function pieces(text: string): string[] {
  return text.match(/.{1,3}/gsu) ?? []
}
