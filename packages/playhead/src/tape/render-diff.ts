/** Shows how two cassettes differ: on a terminal, or in a pull request's comment. */
import { bold, count, dim, money, seconds, styled, tokens } from '../terminal.ts'
import { type Change, costDelta, type StepDiff, type TapeDiff, type Totals } from './diff.ts'
import type { Step } from './steps.ts'
import { type Run, runsAsText } from './word-diff.ts'

/** The names of both cassettes. */
export type Names = readonly [before: string, after: string]

/** Piece by piece, each with a line feed at its end. */
export function* renderText(diff: TapeDiff, names: Names): Generator<string> {
  yield `${styled('red', `--- ${names[0]}`)}\n${styled('green', `+++ ${names[1]}`)}\n`
  let same = 0
  for (const step of diff.steps) {
    if (step.type === 'same') {
      same += 1
      continue
    }
    if (same > 0) yield `${dim(`  ${count(same, 'step')} the same`)}\n`
    same = 0
    yield `${bold(titleOf(step))}\n${linesOf(step).join('\n')}\n`
  }
  if (same > 0) yield `${dim(`  ${count(same, 'step')} the same`)}\n`
  yield `${totalsText(diff.before, 'before')}${totalsText(diff.after, 'after ')}`
  const delta = costDelta(diff)
  if (delta !== null && delta !== '0') yield `${dim('cost')}    ${signedMoney(delta)}\n`
}

function titleOf({ type, before, after }: StepDiff): string {
  if (before === null || after === null) return `#${(before ?? after)?.id} is ${type}`
  return before.id === after.id ? `#${before.id}` : `#${before.id} → #${after.id}`
}

function linesOf({ type, before, after, changes }: StepDiff): readonly string[] {
  const only = type === 'missing' ? before : after
  if (changes.length === 0 && only !== null) {
    const color = type === 'missing' ? 'red' : 'green'
    return [styled(color, `  ${type === 'missing' ? '-' : '+'} ${summaryOf(only)}`)]
  }
  return changes.flatMap(changeLines)
}

/** One line of what a step was. */
function summaryOf({ text, toolCalls, error, status, finishReason, usage, cost }: Step): string {
  const said = [text, ...toolCalls.map(({ name, inputText }) => `${name} ${inputText}`)].filter(Boolean)
  const what = said.length === 0 ? (error ?? String(status ?? 'no answer')) : cut(said.join(' · '))
  const facts = [finishReason, usage && tokens(usage), cost && money(cost)].filter((one) => one !== null)
  return facts.length === 0 ? what : `${what} (${facts.join(', ')})`
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= 160 ? line : `${line.slice(0, 159).toWellFormed()}…`
}

function changeLines(change: Change): readonly string[] {
  switch (change.type) {
    case 'question':
      return change.lines.map((line) => `  ${dim('asked')} ${styled('reset', line)}`)
    case 'text':
      return [`  ${dim('text')} ${change.runs.map(coloured).join('')}`]
    case 'tool-calls':
      return [
        ...change.before.map((call) => styled('red', `  - call ${cut(call)}`)),
        ...change.after.map((call) => styled('green', `  + call ${cut(call)}`)),
      ]
    case 'field':
      return [
        `  ${dim(change.name.replace('-', ' '))} ${styled('red', word(change.before))} → ${styled('green', word(change.after))}`,
      ]
  }
}

function word(value: string | null): string {
  return value ?? 'none'
}

function coloured(run: Run): string {
  const text = runsAsText([run]).replaceAll('\n', ' ⏎ ')
  return run.type === 'same' ? styled('reset', text) : styled(run.type === 'old' ? 'red' : 'green', text)
}

function totalsText(totals: Totals, name: string): string {
  const { interactions, failed, usage, cost, duration } = totals
  const failures = failed === 0 ? '' : ` (${failed} failed)`
  const facts = [
    `${count(interactions, 'interaction')}${failures}`,
    tokens(usage),
    money(cost),
    seconds(duration),
  ]
  return `${dim(name)}  ${facts.join(' · ')}\n`
}

function signedMoney(delta: string): string {
  return delta.startsWith('-') ? `-$${delta.slice(1)}` : `+$${delta.replace('+', '')}`
}

/** A table of totals, and each step that differs folded. */
export function* renderMarkdown(diff: TapeDiff, [before, after]: Names): Generator<string> {
  const changed = diff.steps.filter(({ type }) => type !== 'same')
  yield `### ${diff.isEqual ? 'The tapes say the same' : `${count(changed.length, 'step')} of ${diff.steps.length} differ`}\n\n`
  yield `| | ${code(before)} | ${code(after)} | Δ |\n| --- | ---: | ---: | ---: |\n`
  for (const row of totalRows(diff)) yield `| ${row.join(' | ')} |\n`
  if (changed.length === 0) return
  yield '\n<details>\n<summary>What differs</summary>\n\n'
  let length = 0
  for (const [index, step] of changed.entries()) {
    const text = markdownStep(step)
    length += text.length
    if (length > mostMarkdown) {
      yield `\n… and ${count(changed.length - index, 'more step')}\n`
      break
    }
    yield text
  }
  yield '\n</details>\n'
}

/** Characters of details: a comment of GitHub's takes 65,536 in all. */
const mostMarkdown = 50_000

function totalRows(diff: TapeDiff): readonly (readonly string[])[] {
  const { before, after } = diff
  const delta = costDelta(diff)
  return [
    numberRow('Interactions', before.interactions, after.interactions),
    numberRow('Failed', before.failed, after.failed),
    numberRow('Input tokens', before.usage.inputTokens, after.usage.inputTokens),
    numberRow('of them cached', before.usage.cachedInputTokens, after.usage.cachedInputTokens),
    numberRow('Output tokens', before.usage.outputTokens, after.usage.outputTokens),
    [
      'Cost',
      before.cost === null ? 'unknown' : `$${before.cost}`,
      after.cost === null ? 'unknown' : `$${after.cost}`,
      delta === null ? '' : delta === '0' ? '0' : signedMoney(delta),
    ],
    ['Time', seconds(before.duration), seconds(after.duration), ''],
  ]
}

function numberRow(name: string, before: number, after: number): readonly string[] {
  const delta = after - before
  return [name, String(before), String(after), delta > 0 ? `+${delta}` : String(delta)]
}

function markdownStep(step: StepDiff): string {
  const lines = plainLines(step).map((line) => line.replaceAll(/\r?\n/g, ' ⏎ '))
  const fence = '`'.repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)))
  return `\n**${titleOf(step)}**\n\n${fence}diff\n${lines.join('\n')}\n${fence}\n`
}

function longestRun(line: string): number {
  return Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))
}

/** As lines of a diff, which GitHub colours by their first character. */
function plainLines({ type, before, after, changes }: StepDiff): readonly string[] {
  if (type === 'missing' && before !== null) return [`- ${summaryOf(before)}`]
  if (type === 'new' && after !== null) return [`+ ${summaryOf(after)}`]
  return changes.flatMap((change) => {
    switch (change.type) {
      case 'question':
        return change.lines.map((line) => `! asked: ${line}`)
      case 'text':
        return [`- text: ${sideOf(change.runs, 'new')}`, `+ text: ${sideOf(change.runs, 'old')}`]
      case 'tool-calls':
        return [
          ...change.before.map((call) => `- call: ${cut(call)}`),
          ...change.after.map((call) => `+ call: ${cut(call)}`),
        ]
      case 'field':
        return [`- ${change.name}: ${word(change.before)}`, `+ ${change.name}: ${word(change.after)}`]
    }
  })
}

function sideOf(runs: readonly Run[], without: Run['type']): string {
  return runs.flatMap(({ type, text }) => (type === without ? [] : [text])).join('')
}

/** A name of a file in Markdown's code, within a cell. */
function code(name: string): string {
  const fence = '`'.repeat(longestRun(name) + 1)
  const text = name.replaceAll('|', '\\|')
  return fence.length === 1 ? `\`${text}\`` : `${fence} ${text} ${fence}`
}
