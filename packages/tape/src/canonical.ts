/** JSON in one way of writing it. */

/** Objects by sorted keys. */
export function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const clean: Record<string, unknown> = {}
  const object = value as Readonly<Record<string, unknown>>
  for (const key of sortedKeys(object)) setOwn(clean, key, sorted(object[key]))
  return clean
}

/** Keys are often sorted already, and looking costs less than sorting. */
function sortedKeys(object: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(object)
  let last = ''
  for (const key of keys) {
    if (key < last) return keys.toSorted()
    last = key
  }
  return keys
}

/** Sets a field; one named `__proto__` is none of the object's own otherwise. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  } else {
    object[key] = value
  }
}
