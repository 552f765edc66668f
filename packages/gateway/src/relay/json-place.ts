/** Finds where values stand in JSON text, so that one can be changed and all else left byte for byte. */

/** From the first character of a value up to the one after its last. */
export interface Place {
  readonly start: number
  readonly end: number
}

/**
 * Where the value at a path of names stands in the object that begins at `start`; null where there is none, or where the
 * text is not JSON that far. Of a name that stands twice the last one counts, as for `JSON.parse`.
 */
export function placeOf(text: string, start: number, [name, ...more]: readonly string[]): Place | null {
  if (name === undefined) {
    const end = endOfValue(text, start)
    return end === -1 ? null : { start, end }
  }
  const found = memberOf(text, start, name)
  if (found === null || more.length === 0) return found
  return placeOf(text, found.start, more)
}

function memberOf(text: string, start: number, name: string): Place | null {
  if (text[start] !== '{') return null
  let found: Place | null = null
  let place = skipBlanks(text, start + 1)
  while (text[place] === '"') {
    const nameEnd = endOfString(text, place)
    const colon = nameEnd === -1 ? -1 : skipBlanks(text, nameEnd)
    if (colon === -1 || text[colon] !== ':') return null
    const value = skipBlanks(text, colon + 1)
    const end = endOfValue(text, value)
    if (end === -1) return null
    if (nameEnd - place - 2 === name.length && text.startsWith(name, place + 1)) found = { start: value, end }
    const next = skipBlanks(text, end)
    if (text[next] !== ',') return text[next] === '}' ? found : null
    place = skipBlanks(text, next + 1)
  }
  return null
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

function isBlank(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09
}

export function skipBlanks(text: string, start: number): number {
  let place = start
  while (isBlank(text.charCodeAt(place))) place += 1
  return place
}

/** Behind the value that begins there; -1 where it does not end. Strings are jumped over, not looked at. */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return endOfString(text, start)
  if (first !== openObject && first !== openList) return endOfPlain(text, start)
  let depth = 0
  for (let place = start; place < text.length; place += 1) {
    const char = text.charCodeAt(place)
    if (char === quote) {
      const end = endOfString(text, place)
      if (end === -1) return -1
      place = end - 1
    } else if (char === openObject || char === openList) depth += 1
    else if (char === closeObject || char === closeList) {
      depth -= 1
      if (depth === 0) return place + 1
    }
  }
  return -1
}

/** A number or a word. */
function endOfPlain(text: string, start: number): number {
  let place = start
  for (; place < text.length; place += 1) {
    const char = text.charCodeAt(place)
    if (char === comma || char === closeObject || char === closeList || isBlank(char)) break
  }
  return place === start ? -1 : place
}

/** Behind the string that begins there: at the first quote with an even number of backslashes before it; -1 where none is. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let place = end
    while (place - 1 > start && text.charCodeAt(place - 1) === backslash) place -= 1
    if ((end - place) % 2 === 0) return end + 1
  }
  return -1
}
