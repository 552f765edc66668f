/** JSON laid out over lines, by its text: a number stays digit for digit what the model wrote. */
import { element } from './dom.ts'

/** The tokens of a JSON text; undefined when it is none. */
export function jsonTokens(text: string): readonly string[] | undefined {
  if (!/^\s*[[{]/.test(text) || text.length > 1_000_000) return undefined
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? undefined
}

export function prettyJson(tokens: readonly string[]): Node {
  const made = document.createDocumentFragment()
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1] ?? ''
    const line = () => `\n${'  '.repeat(depth)}`
    if (token === '{' || token === '[') {
      const isEmpty = next === '}' || next === ']'
      depth += isEmpty ? 0 : 1
      made.append(isEmpty ? token : token + line())
    } else if (token === '}' || token === ']') {
      const before = tokens[index - 1]
      const isEmpty = before === '{' || before === '['
      depth -= isEmpty ? 0 : 1
      made.append(isEmpty ? token : line() + token)
    } else if (token === ',') made.append(token + line())
    else if (token === ':') made.append(': ')
    else {
      const kind = next === ':' ? 'key' : token.startsWith('"') ? 'string' : 'literal'
      made.append(element('span', { class: kind }, token))
    }
  }
  return made
}

/** JSON laid out, anything else as it is. */
export function textOrJson(text: string): Node {
  const tokens = jsonTokens(text)
  return tokens === undefined ? document.createTextNode(text) : prettyJson(tokens)
}
