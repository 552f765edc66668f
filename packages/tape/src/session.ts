/** What a recorder puts on tape, from its first call to `stop`. */
import { TapeError } from './error.ts'
import { GoVcrJournal } from './go-vcr/journal.ts'
import type { Fetch, ReadRequest } from './http.ts'
import type { Journal } from './journal.ts'
import type { Prepared } from './prepare.ts'
import { type Recorded, Recording } from './recording.ts'
import type { Finding, Redaction } from './redaction.ts'

export class Session implements Recorded {
  readonly #file: string
  readonly #prepared: Prepared
  readonly #redaction: Redaction
  readonly #recordings = new Set<Recording>()
  readonly #findings = new Map<string, Set<string>>()
  #troubles: unknown[] = []
  #notes: unknown[] = []
  #journal: Journal | undefined
  #opening: Promise<void> | undefined
  #closing: Promise<void> = Promise.resolve()

  constructor(file: string, prepared: Prepared, redaction: Redaction) {
    this.#file = file
    this.#prepared = prepared
    this.#redaction = redaction
  }

  /** Whatever is wrong with the tape, the call goes on. */
  async send(request: ReadRequest, network: Fetch): Promise<Response> {
    if (this.#journal === undefined) await (this.#opening ??= this.#open())
    if (this.#journal === undefined) return request.send(network)
    const recording = new Recording(request, this.#redaction, this.#journal, this)
    this.#recordings.add(recording)
    return recording.send(network)
  }

  /** Stands on the tape where it was said, once there is something. */
  note(value: unknown): void {
    if (this.#prepared.openJournal === null) return
    try {
      this.#notes.push(this.#clean(value))
    } catch (error) {
      this.onTrouble(error)
    }
    if (this.#journal !== undefined) this.#writeNotes(this.#journal)
  }

  /** Throws a TapeError that says all that went wrong since the last time. */
  async stop(): Promise<void> {
    await this.#opening
    for (const recording of this.#recordings) recording.settle()
    const journal = this.#journal
    this.#opening = undefined
    // A file that is written whole takes what comes later when it is written again.
    if (!(journal instanceof GoVcrJournal)) this.#journal = undefined
    if (journal !== undefined) this.#closing = this.#close(journal)
    await this.#closing
    const errors = [
      ...this.#troubles.splice(0).map((trouble) => this.#errorOf(trouble)),
      ...this.#takeFindings(),
    ]
    const [first, ...others] = errors
    if (first === undefined) return
    if (others.length === 0) throw first
    const { code, file, line, detail } = first
    const all = [detail, ...others.map((error) => error.message)].join('\n')
    throw new TapeError(code, all, { file, ...(line !== undefined && { line }), cause: first })
  }

  onTrouble(error: unknown): void {
    this.#troubles.push(error)
  }

  onOver(recording: Recording, findings: readonly Finding[]): void {
    this.#recordings.delete(recording)
    for (const { name, where } of findings) {
      const places = this.#findings.get(name) ?? new Set()
      this.#findings.set(name, places.add(where))
    }
  }

  async #open(): Promise<void> {
    try {
      await this.#closing
      const journal = await this.#prepared.openJournal?.()
      this.#journal = journal
      if (journal !== undefined) this.#writeNotes(journal)
    } catch (error) {
      this.onTrouble(error)
    }
  }

  async #close(journal: Journal): Promise<void> {
    try {
      await journal.close()
    } catch (error) {
      this.onTrouble(error)
    }
  }

  #writeNotes(journal: Journal): void {
    for (const value of this.#notes.splice(0)) journal.note?.(value)
  }

  /** As JSON, without secrets. */
  #clean(value: unknown): unknown {
    const json = JSON.stringify(value ?? null) ?? 'null'
    const redactor = this.#redaction.exchange('', [])
    const clean = redactor.body(json, [['Content-Type', 'application/json']])
    return JSON.parse(String(clean))
  }

  #errorOf(trouble: unknown): TapeError {
    if (trouble instanceof TapeError) return trouble
    const why = trouble instanceof Error ? trouble.message : String(trouble)
    return new TapeError('unwritable', `not all could be recorded: ${why}`, {
      file: this.#file,
      cause: trouble,
    })
  }

  #takeFindings(): TapeError[] {
    if (this.#findings.size === 0) return []
    const names = [...this.#findings.keys()]
    const list = names.map((name) => `${name} (${[...(this.#findings.get(name) ?? [])].join(', ')})`)
    this.#findings.clear()
    const what = `what looks like a secret was masked: ${list.join('; ')}`
    const how = `where it is none, allow it: redact: { allow: [${names.map((name) => `"${name}"`).join(', ')}] }`
    return [new TapeError('secret', `${what}\n  ${how}`, { file: this.#file })]
  }
}
