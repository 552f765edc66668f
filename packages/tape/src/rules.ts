/** Which mode holds for which request. */
import { actions, type Mode, modes } from './mode.ts'

/** The first rule whose `url` fits a request says its mode. */
export interface Rule {
  /**
   * `api.openai.com`, `*.openai.com/v1/*`, `http://localhost:*`: `*` is any run of characters, without a scheme any will
   * do, without a path every one; or an expression that finds something in the URL.
   */
  readonly url: string | RegExp
  readonly mode: Mode
}

/** The modes of a recorder. */
export interface Modes {
  readonly all: readonly Mode[]
  of(url: string): Mode
  /** Whether a call goes to the network without being looked at. */
  passes(input: string | URL | Request): boolean
}

/** Throws a RangeError for a mode that there is not. */
export function modesOf(mode: Mode, rules: readonly Rule[]): Modes {
  for (const name of [mode, ...rules.map((rule) => rule.mode)]) {
    if (!modes.includes(name))
      throw new RangeError(`there is no mode "${name}"; there are ${modes.join(', ')}`)
  }
  const tests = rules.map((rule) => ({ mode: rule.mode, pattern: patternOf(rule.url) }))
  const of = (url: string): Mode => tests.find(({ pattern }) => pattern.test(url))?.mode ?? mode
  const all = [...new Set([mode, ...rules.map((rule) => rule.mode)])]
  const hasPassed = all.some(isPassed)
  return { all, of, passes: (input) => hasPassed && isPassed(of(urlOf(input))) }
}

function isPassed(mode: Mode): boolean {
  return actions[mode].absent === 'pass'
}

/** As it will be asked for; what is no URL, as it is. */
function urlOf(input: string | URL | Request): string {
  const text = input instanceof Request ? input.url : String(input)
  return URL.canParse(text) ? new URL(text).href : text
}

function patternOf(url: string | RegExp): RegExp {
  // A flag may make an expression remember where it was.
  if (url instanceof RegExp) return new RegExp(url.source, url.flags.replaceAll(/[gy]/g, ''))
  const [, scheme = '*://', rest = ''] = /^([^:/]+:\/\/)?(.*)$/s.exec(url) ?? []
  const hasPath = rest.includes('/')
  const end = hasPath ? '' : String.raw`(?:[/?#].*)?`
  return new RegExp(
    `^${scheme === '*://' ? '[^:/]+://' : literal(scheme)}${globbed(rest, hasPath)}${end}$`,
    'is',
  )
}

/** In a pattern that is only a host, `*` stays within it. */
function globbed(text: string, hasPath: boolean): string {
  return text
    .split('*')
    .map(literal)
    .join(hasPath ? '.*' : '[^/?#]*')
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
