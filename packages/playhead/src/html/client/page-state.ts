/** What the page's script knows while it is open. */
import type { Summary } from '../page-data.ts'

export interface PageState {
  readonly summaries: readonly Summary[]
  /** The lines of the list, in the same order. */
  readonly items: HTMLLIElement[]
  /** The place of the interaction that is shown; -1 before the first. */
  shown: number
  /** What is searched for, in small letters; empty for nothing. */
  query: string
}
