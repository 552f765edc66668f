/** Records on a go-vcr cassette, which is a file that is written whole: what comes is kept until it is saved. */
import { statSync } from 'node:fs'
import { writeGoVcrFile } from '../cassette-file.ts'
import { TapeError } from '../error.ts'
import { textOrBytes } from '../http.ts'
import type { Ending, Interaction, RecordedHead, RecordedRequest } from '../interaction.ts'
import type { Journal } from '../journal.ts'
import { hold } from '../hold.ts'
import type { Lock } from '../native/lock.ts'
import type { YamlStyle } from './format.ts'

interface Exchange {
  readonly request: RecordedRequest
  head?: RecordedHead
  readonly chunks: Uint8Array[]
  ending?: Ending
}

/**
 * Each `close` saves what there is; recording may go on after it. The format knows no request without a response, and
 * none that broke off: the former is left out, of the latter what came stands there, if anything did. A body that
 * nobody began to read is not there either: a replay would say that it is empty.
 */
export class GoVcrJournal implements Journal {
  readonly problem = null
  readonly #file: string
  readonly #style: YamlStyle
  readonly #kept: readonly Interaction[]
  readonly #exchanges: Exchange[] = []
  #lock: Lock | undefined
  /** Tells the file as it was read, or saved last. */
  #stamp: string | undefined
  #saving: Promise<void> = Promise.resolve()
  /** How many interactions the file had when it was saved last, and whether the last of them were whole. */
  #saved = ''

  /** Takes the interactions that stay in the file before what is recorded. */
  constructor(file: string, style: YamlStyle, kept: readonly Interaction[]) {
    this.#file = file
    this.#style = style
    this.#kept = kept
    this.#stamp = stampOf(file)
  }

  /** Throws a TapeError when somebody else records on the cassette, or did so since it was read: nothing of it is lost. */
  open(): void {
    if (this.#lock !== undefined) return
    const lock = hold(this.#file)
    if (stampOf(this.#file) !== this.#stamp) {
      lock?.release()
      const what = 'somebody else recorded on this cassette since it was opened: open it again to go on'
      throw new TapeError('locked', what, { file: this.#file })
    }
    this.#lock = lock
  }

  begin(request: RecordedRequest): number {
    this.open()
    return this.#exchanges.push({ request, chunks: [] }) - 1
  }

  head(id: number, head: RecordedHead): void {
    this.#exchange(id).head = head
  }

  chunk(id: number, bytes: Uint8Array): void {
    this.#exchange(id).chunks.push(bytes)
  }

  end(id: number, ending: Ending): void {
    this.#exchange(id).ending = ending
  }

  async close(): Promise<void> {
    try {
      await this.#save()
    } finally {
      this.#lock?.release()
      this.#lock = undefined
    }
  }

  /** Nothing is written when nothing was recorded since the last time. */
  #save(): Promise<void> {
    const recorded = this.#exchanges.flatMap((exchange) => interactionOf(exchange) ?? [])
    const state = recorded.map(({ response }) => response?.body.length).join()
    if (recorded.length > 0 && state !== this.#saved) {
      this.open()
      const all = [...this.#kept, ...recorded]
      const interactions = all.map((interaction, id) => ({ ...interaction, id }))
      this.#saved = state
      this.#saving = this.#write(interactions)
    }
    return this.#saving
  }

  async #write(interactions: readonly Interaction[]): Promise<void> {
    try {
      await writeGoVcrFile(this.#file, { style: this.#style, interactions })
      this.#stamp = stampOf(this.#file)
    } catch (error) {
      this.#saved = ''
      throw error
    }
  }

  #exchange(id: number): Exchange {
    const exchange = this.#exchanges[id]
    if (exchange === undefined) throw new RangeError(`there is no exchange ${id}`)
    return exchange
  }
}

/** Tells one content of a file from another, without reading it; undefined where there is no file. */
function stampOf(file: string): string | undefined {
  try {
    const stats = statSync(file)
    return stats.isFile() ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : undefined
  } catch {
    return undefined
  }
}

function interactionOf({ request, head, chunks, ending }: Exchange): Interaction | undefined {
  if (head === undefined) return undefined
  const isWhole = ending?.type === 'end' || (ending?.type === 'abort' && ending.reason === 'cancelled')
  if (!isWhole && chunks.length === 0) return undefined
  const response = { ...head, body: textOrBytes(Buffer.concat(chunks)), chunks: null }
  return { id: 0, request, response, ending: { type: 'end', at: head.duration }, startedAt: null }
}
