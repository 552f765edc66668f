/** Changes members of a JSON object in its text, and leaves every other byte as it stands. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@playhead/wire'

/** What becomes of a member. Where a name stands twice, it becomes of each. */
export type Edit =
  /** Written so, at the end where there is none. One that says the same already stays as it is. */
  | { readonly type: 'set'; readonly value: Json }
  | { readonly type: 'remove' }
  /** The object that stands there is edited; anything else gives way to one with what is set. */
  | { readonly type: 'edit'; readonly edits: Edits }

/** By the member's name. */
export type Edits = ReadonlyMap<string, Edit>

/** Where a member stands in its object's text. */
export interface Member {
  readonly name: string
  /** Of its name's first quote. */
  readonly start: number
  readonly valueStart: number
  /** Behind its value's last character. */
  readonly end: number
}

/**
 * Edits an object's text, which must be JSON: numbers, escapes, white space and order of all that is not edited stay as they
 * were sent. `members`: what `membersOf` gave, where that is known.
 */
export function editJson(text: string, edits: Edits, members: readonly Member[] = membersOf(text)): string {
  const missing = new Map(edits)
  const pieces: string[] = []
  let last = -1
  for (const [index, member] of members.entries()) {
    const edit = edits.get(member.name)
    missing.delete(member.name)
    if (edit?.type === 'remove') continue
    // What stands between two members goes with the second.
    if (last !== -1) pieces.push(text.slice(members[index - 1]?.end, member.start))
    last = index
    const value = text.slice(member.valueStart, member.end)
    pieces.push(
      text.slice(member.start, member.valueStart),
      edit === undefined ? value : changed(value, edit),
    )
  }
  for (const [name, edit] of missing) {
    if (edit.type === 'remove') continue
    pieces.push(pieces.length === 0 ? '' : ',', JSON.stringify(name), ':', changed('null', edit))
  }
  const [first, end] = [members[0], members.at(-1)]
  const [head, tail] =
    first === undefined || end === undefined ? bare(text) : [text.slice(0, first.start), text.slice(end.end)]
  return head + pieces.join('') + tail
}

/** An empty object's text before and after what may be written in it. */
function bare(text: string): readonly [head: string, tail: string] {
  const open = text.indexOf('{') + 1
  return [text.slice(0, open), text.slice(open)]
}

function changed(value: string, edit: Exclude<Edit, { type: 'remove' }>): string {
  if (edit.type === 'edit') return editJson(value.startsWith('{') ? value : '{}', edit.edits)
  // The same may be said in other words: `1.0` and `1`, other escapes, white space.
  return isDeepStrictEqual(JSON.parse(value), edit.value) ? value : JSON.stringify(edit.value)
}

/** The members of an object's text, which must be JSON, in their order. Strings are jumped over, not looked at. */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = []
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text.charCodeAt(at) === quote) {
    const start = at
    const nameEnd = endOfString(text, at)
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = endOfValue(text, valueStart)
    members.push({ name: nameOf(text.slice(start, nameEnd)), start, valueStart, end })
    // After the comma, or after the closing brace: then no quote follows and the loop ends.
    at = skipSpace(text, skipSpace(text, end) + 1)
  }
  return members
}

function nameOf(written: string): string {
  return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1)
}

const [quote, backslash, comma, space] = [34, 92, 44, 32]
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125]

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= space) at++
  return at
}

/** Behind the value that begins there. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return endOfString(text, start)
  if (first !== openBrace && first !== openBracket) return endOfWord(text, start)
  let depth = 0
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at) - 1
    else if (code === openBrace || code === openBracket) depth++
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at + 1
  }
}

/** A number, `true`, `false` or `null` ends before what cannot be in it. */
function endOfWord(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === closeBrace || code <= space) break
  }
  return at
}

/** Behind the string that begins there: at the first quote with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === backslash) before--
    if ((at - before) % 2 === 1) return at + 1
  }
}
