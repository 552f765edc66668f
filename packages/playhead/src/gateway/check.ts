/** One thing that was looked at, and what came of it. */

export interface Check {
  /** What was looked at: `configuration`, `provider groq`. */
  readonly what: string
  /** `doubtful` is no mistake, but worth a look. */
  readonly state: 'fine' | 'doubtful' | 'wrong'
  /** What is so, and what to do where it should not be. */
  readonly message: string
}

export function fine(what: string, message: string): Check {
  return { what, state: 'fine', message }
}

export function doubtful(what: string, message: string): Check {
  return { what, state: 'doubtful', message }
}

export function wrong(what: string, message: string): Check {
  return { what, state: 'wrong', message }
}
