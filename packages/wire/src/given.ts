/** Leaves out what says nothing. */
import { isAbsent } from './strict.ts'

type Given<Fields> = { readonly [Name in keyof Fields]?: NonNullable<Fields[Name]> }

/** The fields that are neither undefined nor null. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  const said = Object.entries(fields).filter(([, value]) => !isAbsent(value))
  return Object.fromEntries(said) as Given<Fields>
}

/** The list, unless it is empty. */
export function listOrNone<Element>(list: readonly Element[]): readonly Element[] | undefined {
  return list.length > 0 ? list : undefined
}
