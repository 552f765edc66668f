/** Reads one double-quoted YAML scalar. */

/** Escapes with a name of their own, without the backslash (YAML 1.2 §5.7). */
const named: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

/** An escape, or a quote or a tab without one. */
const escape = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U(00(?:0[\da-fA-F]|10)[\da-fA-F]{4})|([^]?))|["\t]/g

/**
 * The text of a double-quoted scalar that is all of `line`, or `undefined` when it is none. Most
 * escapes are also JSON's, and nothing unescapes faster than `JSON.parse`.
 */
export function readDoubleQuoted(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line.includes('\\U') ? line.replace(astral, fromHex) : line)
    return typeof value === 'string' ? value : undefined
  } catch {
    return line.length > 1 && line.endsWith('"') ? unescape(line.slice(1, -1)) : undefined
  }
}

/** The one escape that Go writes often and JSON does not have, behind an even number of backslashes. */
const astral = /(?<=(?:^|[^\\])(?:\\\\)*)\\U(00(?:0[1-9A-F]|10)[\dA-F]{4})/g

function fromHex(_: string, hex: string): string {
  return String.fromCodePoint(Number.parseInt(hex, 16))
}

function unescape(inner: string): string | undefined {
  let valid = true
  const text = inner.replace(escape, (_, x?: string, u?: string, long?: string, name = '') => {
    const hex = x ?? u ?? long
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    const character = named.get(name)
    valid &&= character !== undefined
    return character ?? ''
  })
  return valid ? text : undefined
}
