/** The formats that commands write, and how their files are called. */
import { basename } from 'node:path'
import type { WritableFormat } from '@playhead/tape'

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

/** A cassette's path without what says its format. */
export function stem(file: string): string {
  return file.replace(/(\.tape)?\.(jsonl|ya?ml|har|json)(\.gz)?$/i, '')
}

/** What the file is called in a format. */
export function named(file: string, format: WritableFormat): string {
  return `${stem(file)}${endings[format][0] ?? ''}`
}

export function stemName(file: string): string {
  return basename(stem(file))
}
