/** The formats that commands write, and how their files are called. */
import type { WritableFormat } from '@playhead/tape'
import { cassetteStem } from '@playhead/tape/serve'

/** The first ending of each is what we call ours. */
export const endings: Readonly<Record<WritableFormat, readonly string[]>> = {
  tape: ['.tape.jsonl', '.jsonl'],
  'go-vcr': ['.yaml', '.yml'],
  har: ['.har'],
}

export const writableFormats = Object.keys(endings) as readonly WritableFormat[]

/** By a file's name; undefined for one that says nothing. */
export function formatOf(file: string): WritableFormat | undefined {
  const lower = file.toLowerCase()
  return writableFormats.find((format) => endings[format].some((ending) => lower.endsWith(ending)))
}

/** What the file is called in a format. */
export function named(file: string, format: WritableFormat): string {
  return `${cassetteStem(file)}${endings[format][0] ?? ''}`
}
