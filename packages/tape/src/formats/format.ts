/** How a format of another tool is told and read. */
import type { FormatName } from '../cassette.ts'
import type { Interaction } from '../interaction.ts'
import type { Reading } from './reading.ts'
import type { Entry } from './values.ts'

export interface ForeignFormat {
  readonly name: FormatName
  /** Whether a document is of this format, by what it holds. */
  matches(root: unknown): boolean
  /** Throws a ShapeError for what is missing or no value of its field. */
  read(root: Entry, reading: Reading): Interaction[]
}
