/** What a tool that replays is: it puts exchanges on tape, and opens the tape to be asked. */

/** Every file beside this one exports this object as `tool`. Writing and opening happen in different processes. */
export interface Tool {
  /** Puts the first `count` exchanges of `exchanges.ts` on tape in an empty folder. */
  readonly write: (folder: string, count: number) => Promise<void>
  readonly open: (folder: string) => Promise<Tape>
  /** What of an answer the tool keeps, where that is not all of its bytes. */
  readonly kept?: (answer: string) => string
}

export interface Tape {
  /** Sends a question and gives the text of the answer. */
  readonly ask: (question: string) => Promise<string>
  /** The same, its body read as a stream. Gives how many chunks it came in, and its text. */
  readonly stream?: (question: string) => Promise<readonly [chunks: number, text: string]>
  readonly close: () => Promise<void> | void
}
