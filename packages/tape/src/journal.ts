/** Where a recorder writes each fact as it happens. */
import type { TapeError } from './error.ts'
import type { Ending, RecordedHead, RecordedRequest } from './interaction.ts'

/** A cassette that is open for recording. What it is handed holds no secrets any more. */
export interface Journal {
  /** Takes the next place on the tape for an exchange that starts now (milliseconds since 1970), and gives its id. */
  begin(request: RecordedRequest, startedAt: number): number
  head(id: number, head: RecordedHead): void
  /** Bytes that arrived, `at` so many milliseconds after the request was sent. */
  chunk(id: number, bytes: Uint8Array, at: number): void
  /** The exchange is over. On the native tape all of it is in the file when this returns. */
  end(id: number, ending: Ending): void
  /** Something that somebody says about the recording, as JSON; formats that have no place for it leave it out. */
  note?(value: unknown): void
  /** Why nothing more is written (a full disk); null while all is well. The call that is recorded goes on all the same. */
  readonly problem: TapeError | null
  /** Writes what is left and lets the file go. Throws a TapeError when something could not be written. */
  close(): Promise<void>
}
