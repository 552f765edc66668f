/** Finds the frames of a stream that are surely nothing but a delta, without parsing them. */
import type { PartEvent } from '@playhead/wire'

/** What one stream's frames are told apart by. */
export interface DeltaRule {
  /** The place behind the frame that begins at `start`, where it is whole and surely a delta; -1 where that is not sure. */
  endOfDelta(text: string, start: number): number
  /** A frame that was parsed, one character a byte, and the one delta that it held. */
  learn(frame: string, delta: PartEvent): void
}

/** Every frame is parsed. */
export const noRule: DeltaRule = { endOfDelta: () => -1, learn: () => {} }

/** Frames that say their type in their first bytes. `starts` are all of those that are deltas. */
export class StartRule implements DeltaRule {
  readonly #starts: readonly string[]
  /** The next one is mostly of the same type. */
  #last: string | undefined

  constructor(starts: readonly string[]) {
    this.#starts = starts
  }

  endOfDelta(text: string, start: number): number {
    if (this.#last === undefined || !stands(this.#last, text, start)) {
      this.#last = this.#starts.find((one) => stands(one, text, start))
      if (this.#last === undefined) return -1
    }
    const end = text.indexOf('\n\n', start)
    return end === -1 ? -1 : end + 2
  }

  learn(): void {}
}

/** Forms that are known at once: models speak and call tools in turn. */
const mostForms = 2

/** After so many forms no more are learned, unless they were met again at least as often. */
const patience = 8

/**
 * Learns the text around a delta's words; later frames with the same text around them need no parsing. This holds for any
 * server, however it writes its JSON.
 */
export class FormRule implements DeltaRule {
  #forms: (readonly string[])[] = []
  #learned = 0
  #hits = 0

  endOfDelta(text: string, start: number): number {
    for (const form of this.#forms) {
      const end = endOfForm(form, text, start)
      if (end === -1) continue
      this.#hits += 1
      if (form !== this.#forms[0]) this.#forms = [form, ...this.#forms.filter((other) => other !== form)]
      return end
    }
    return -1
  }

  learn(frame: string, delta: PartEvent): void {
    if (this.#learned >= patience && this.#hits < this.#learned) return
    const form = formOf(frame, delta)
    if (form === null) return
    this.#learned += 1
    this.#forms = [form, ...this.#forms].slice(0, mostForms)
  }
}

/** Padding against eavesdroppers who count bytes, different in every frame: OpenAI's and Mistral's. */
const padding = /(?<="(?:obfuscation|p)":)"[^"\\]*"/

/** What stands around a frame's words, all of them strings; null where they cannot be found. */
function formOf(frame: string, delta: PartEvent): readonly string[] | null {
  const words = wordsOf(delta)
  if (words === '') return null
  const pieces = frame.split(Buffer.from(JSON.stringify(words)).toString('latin1'))
  // OpenRouter says a thought twice. Words that stand anywhere else could be those of another field.
  const most = delta.type === 'reasoning' ? 3 : 2
  if (pieces.length < 2 || pieces.length > most) return null
  const around = pieces.flatMap((piece) => piece.split(padding))
  return around.map((piece, index) => {
    const whole = `${index > 0 ? '"' : ''}${piece}${index < around.length - 1 ? '"' : ''}`
    // Copied, so that it is one piece in memory: a concatenated string is compared many times more slowly.
    return Buffer.from(whole, 'latin1').toString('latin1')
  })
}

/** The words of a delta; empty for one that has none. */
export function wordsOf(event: PartEvent): string {
  return 'text' in event ? event.text : ''
}

/** The place behind a frame of this form; -1 for one that is not, or is not whole. */
function endOfForm(form: readonly string[], text: string, start: number): number {
  const [first = ''] = form
  if (!stands(first, text, start)) return -1
  let place = start + first.length
  const lineEnd = text.indexOf('\n', place)
  for (let index = 1; index < form.length; index += 1) {
    const piece = form[index] ?? ''
    const quote = endOfWords(text, place)
    if (quote === -1 || quote > lineEnd || !stands(piece, text, quote)) return -1
    place = quote + piece.length
  }
  return place
}

/** As `startsWith`, which looks at one character after the other. */
function stands(piece: string, text: string, place: number): boolean {
  return text.slice(place, place + piece.length) === piece
}

/** The quote that ends the words that begin here; -1 where none does. */
function endOfWords(text: string, start: number): number {
  let quote = text.indexOf('"', start)
  while (quote !== -1 && isEscaped(text, start, quote)) quote = text.indexOf('"', quote + 1)
  return quote
}

function isEscaped(text: string, start: number, quote: number): boolean {
  let place = quote
  while (place > start && text.charCodeAt(place - 1) === backslash) place -= 1
  return (quote - place) % 2 === 1
}

const backslash = 0x5c
