/** How far long work has come: one line on a terminal's standard error, rewritten. */
import { setImmediate } from 'node:timers/promises'
import { printError } from '../print.ts'
import { count } from '../terminal.ts'
import { explain } from './cassettes.ts'

/** Milliseconds before there is anything to say, between two lines, and until others get their turn. */
const pause = { first: 1000, next: 100, turn: 50 }

export class Progress {
  readonly #isShown: boolean
  readonly #start = Date.now()
  #files = 0
  #interactions = 0
  #drawn = 0
  #turn = Date.now()
  #isOpen = false

  /** Where what is found scrolls over the same terminal, that is progress enough. */
  constructor({ scrolls = false }: { readonly scrolls?: boolean } = {}) {
    this.#isShown = process.stderr.isTTY && !(scrolls && process.stdout.isTTY)
  }

  /** A file is done. */
  file(): void {
    this.#files += 1
    this.#draw(Date.now())
  }

  /** An interaction is done. Lets signals and a reader that left have their turn. */
  async interaction(): Promise<void> {
    this.#interactions += 1
    const now = Date.now()
    if (now - this.#turn < pause.turn) return
    this.#draw(now)
    await setImmediate()
    this.#turn = Date.now()
  }

  /** Makes room for what is printed. */
  clear(): void {
    if (!this.#isOpen) return
    process.stderr.write('\r\u001b[K')
    this.#isOpen = false
  }

  /** Says what went wrong, on a line of its own. */
  readonly error = (message: string): void => {
    this.clear()
    printError(message)
  }

  readonly unreadable = (error: unknown, name: string): void => this.error(explain(error, name))

  #draw(now: number): void {
    if (!this.#isShown || now - this.#start < pause.first || now - this.#drawn < pause.next) return
    const files = `${count(this.#files, 'file')} done`
    const interactions =
      this.#interactions === 0 ? '' : `, ${this.#interactions.toLocaleString('en')} interactions`
    process.stderr.write(`\r\u001b[K${files}${interactions}`)
    this.#drawn = now
    this.#isOpen = true
  }
}
