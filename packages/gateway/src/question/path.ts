/** Places in a request's body. */
import { isObject, type Unread } from '@playhead/wire'
import { fieldOf } from './fields.ts'

/** A field, or a field in a field. */
export type Path = readonly [name: string, inner?: string | undefined]

/** What stands at a path; undefined where nothing does. */
export function valueAt(body: Unread, [name, inner]: Path): unknown {
  const value = fieldOf(body, name)
  if (inner === undefined) return value
  return isObject(value) ? fieldOf(value, inner) : undefined
}

/** Google takes each name as `camelCase` and as `snake_case`: the path in each of its forms, its own first. */
export function inBothForms([name, inner]: Path): readonly [Path, ...Path[]] {
  const names = forms(name)
  const [first, ...others] = names.flatMap<Path>((one) =>
    inner === undefined ? [[one]] : forms(inner).map((two): Path => [one, two]),
  )
  return [first ?? [name, inner], ...others]
}

function forms(name: string): string[] {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return snake === name ? [name] : [name, snake]
}
