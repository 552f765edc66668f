/** Changes members of a JSON object in its text, and leaves every other byte as it stands. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@playhead/wire'
import { endOfString, endOfValue, skipBlanks } from '../relay/json-place.ts'

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
  let [edited, place, isFirst] = ['', 0, true]
  let last = members[0]?.start ?? text.indexOf('{') + 1
  const replace = (start: number, end: number, by: string): void => {
    edited += text.slice(place, start) + by
    place = end
  }
  for (const { name, start, valueStart, end } of members) {
    const edit = edits.get(name)
    // What stands between two members goes with the second.
    if (edit?.type === 'remove') replace(last, end, '')
    else {
      if (isFirst) replace(last, start, '')
      isFirst = false
      if (edit !== undefined) replace(valueStart, end, changed(text.slice(valueStart, end), edit))
    }
    last = end
  }
  for (const [name, edit] of edits) {
    if (edit.type === 'remove' || members.some((member) => member.name === name)) continue
    replace(last, last, `${isFirst ? '' : ','}${JSON.stringify(name)}:${changed('null', edit)}`)
    isFirst = false
  }
  return edited + text.slice(place)
}

function changed(value: string, edit: Exclude<Edit, { type: 'remove' }>): string {
  if (edit.type === 'edit') return editJson(value.startsWith('{') ? value : '{}', edit.edits)
  const written = JSON.stringify(edit.value)
  // The same may be said in other words: `1.0` and `1`, other escapes, white space.
  return written === value || isDeepStrictEqual(JSON.parse(value), edit.value) ? value : written
}

/** The members of an object's text, which must be JSON, in their order. */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = []
  let at = skipBlanks(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const start = at
    const nameEnd = endOfString(text, at)
    const valueStart = skipBlanks(text, skipBlanks(text, nameEnd) + 1)
    const end = endOfValue(text, valueStart)
    members.push({ name: nameOf(text.slice(start, nameEnd)), start, valueStart, end })
    // After the comma, or after the closing brace: then no quote follows and the loop ends.
    at = skipBlanks(text, skipBlanks(text, end) + 1)
  }
  return members
}

function nameOf(written: string): string {
  return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1)
}
