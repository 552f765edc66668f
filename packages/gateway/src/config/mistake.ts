/** What is wrong with a configuration: every mistake with its place and what is wanted there. */

/** One mistake. */
export interface Mistake {
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** The way to the value: `models.kimi.endpoints[0].price.input`; empty for the document. */
  readonly path: string
  /** What is wanted, or what to do: `must be a port: 0 to 65535`. Never shows a value that may be a secret. */
  readonly message: string
}

/** A configuration that cannot be used. Its message has a line for each mistake, in the order of the file. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly file: string
  readonly mistakes: readonly Mistake[]

  constructor(file: string, mistakes: readonly Mistake[]) {
    const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column)
    super(sorted.map((mistake) => lineOf(file, mistake)).join('\n'))
    this.file = file
    this.mistakes = sorted
  }
}

/** `playhead.yaml:12:9 models.kimi.endpoints[0].price.input: must be …`. */
function lineOf(file: string, { line, column, path, message }: Mistake): string {
  const where = `${file}:${line}:${column}`
  return path === '' ? `${where} ${message}` : `${where} ${path}: ${message}`
}
