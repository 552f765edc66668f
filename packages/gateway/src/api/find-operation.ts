/** Which operation a method and a path mean. */
import { HttpError } from '../http-error.ts'
import type { Operation } from './operation.ts'

/** What stands at a path. */
export interface Found {
  readonly operation: Operation | null
  /** Where there is none: the methods that the path does take. */
  readonly methods: readonly string[]
  readonly parameters: Readonly<Record<string, string>>
}

type ByMethod = Map<string, Operation>

const none: Found = { operation: null, methods: [], parameters: {} }

/** Reads the table once and gives a function that looks operations up. That throws an HttpError for a badly encoded path. */
export function operationsFinder(operations: readonly Operation[]): (method: string, path: string) => Found {
  const plain = new Map<string, ByMethod>()
  const patterns = new Map<string, ByMethod>()
  for (const operation of operations) {
    const into = operation.pattern.includes('{') ? patterns : plain
    for (const prefix of operation.prefixes) {
      const path = `${prefix}/${operation.pattern}`
      into.set(path, (into.get(path) ?? new Map<string, Operation>()).set(operation.method, operation))
    }
  }
  const expressions = Array.from(patterns, ([path, byMethod]) => ({ test: expressionOf(path), byMethod }))
  return (method, path) => {
    const exact = plain.get(path)
    if (exact !== undefined) return found(exact, method, {})
    for (const { test, byMethod } of expressions) {
      const match = test.exec(path)
      if (match !== null) return found(byMethod, method, decoded(match.groups ?? {}))
    }
    return none
  }
}

function found(byMethod: ByMethod, method: string, parameters: Readonly<Record<string, string>>): Found {
  const operation = byMethod.get(method === 'HEAD' ? 'GET' : method)
  if (operation !== undefined) return { operation, methods: [], parameters }
  const methods = [...byMethod.keys()]
  return { operation: null, methods: byMethod.has('GET') ? [...methods, 'HEAD'] : methods, parameters }
}

function expressionOf(path: string): RegExp {
  const literal = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(
    `^${literal.replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${name === 'model' ? '.+' : '[^/]+'})`)}$`,
  )
}

function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]))
  } catch {
    throw new HttpError(400, 'invalid-request', 'The path has a % that begins no encoded character')
  }
}
