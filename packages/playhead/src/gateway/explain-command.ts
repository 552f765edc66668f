/** `playhead explain`: the whole story of one generation. */
import type { GenerationRecord, Story } from '@playhead/gateway/admin'
import { exitCodes, UsageError } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { bold, columns, dim, excerpt, seconds } from '../terminal.ts'
import { amount, moreOrLess } from './amounts.ts'
import { attemptFieldsOf, fieldsOf, timeOf } from './generation-fields.ts'
import { findInstallation, type InstallationOptions, withStore } from './installation.ts'

export interface ExplainCommandOptions extends InstallationOptions {
  readonly json?: true
}

/** Gives the exit code. */
export async function explainCommand(id: string, options: ExplainCommandOptions): Promise<number> {
  const record = await withStore(findInstallation(options), 'refuse', (store) =>
    store.findGeneration(id, null),
  )
  if (record === null)
    throw new UsageError(
      `there is no generation ${excerpt(id, 80)} in this ledger: playhead ledger lists them`,
    )
  const story = storyOf(record)
  if (options.json === true)
    await printJson({ ...fieldsOf(record), attempts: attemptFieldsOf(record), story })
  else await print(textOf(record, story))
  return exitCodes.ok
}

/** Null while it is open, and where it was lost: nobody told it. */
function storyOf({ story }: GenerationRecord): Story | null {
  try {
    const told = JSON.parse(story) as Partial<Story> | null
    return told !== null && Array.isArray(told.candidates) && Array.isArray(told.exclusions)
      ? (told as Story)
      : null
  } catch {
    return null
  }
}

function textOf(record: GenerationRecord, story: Story | null): string {
  const parts = [head(record), route(story), attempts(record), tokens(record), money(record)]
  return parts.filter((part) => part !== '').join('\n')
}

function head(record: GenerationRecord): string {
  const { id, at, keyId, requestId, dialect, model, isStream, outcome, status, duration, firstTokenAfter } =
    record
  const first = firstTokenAfter === null ? '' : `, first token after ${seconds(firstTokenAfter)}`
  const how = outcome === 'open' ? 'still open' : `${outcome} with ${status} in ${seconds(duration)}${first}`
  const rows = [
    ['asked', `${excerpt(model, 200)} ${dim(`${dialect}${isStream ? ', stream' : ''}`)}`],
    ['at', timeOf(at)],
    ['by', `key ${keyId}${record.user === null ? '' : `, user ${excerpt(record.user, 100)}`}`],
    ['request', excerpt(requestId, 200)],
    ['upstream', excerpt(record.upstreamId ?? '', 200)],
    [
      'finish',
      [record.finishReason, record.rawFinishReason]
        .flatMap((reason) => (reason === null ? [] : [excerpt(reason, 60)]))
        .join(' / '),
    ],
    ['tape', record.tape ?? ''],
  ].filter(([, value]) => value !== '')
  return `${bold(id)} ${how}\n${indented(rows)}`
}

/** How the order came about. */
const strategies: Readonly<Record<string, string>> = {
  order: 'as provider.order says',
  weighted: 'weighted by price',
  sticky: 'where the conversation was before',
}

function route(story: Story | null): string {
  if (story === null) return ''
  const candidates = story.candidates.map(({ endpoint, weight, note }, index) => [
    `${index + 1}. ${excerpt(endpoint, 100)}`,
    weight === null ? '' : `${(weight * 100).toFixed(1)}%`,
    note ?? '',
  ])
  const exclusions = story.exclusions.map(({ endpoint, model, code, reason }) => [
    `✗ ${excerpt(endpoint ?? model, 100)}`,
    code,
    excerpt(reason, 400),
  ])
  const asked = story.models.length > 1 ? ` of ${excerpt(story.models.join(', '), 400)}` : ''
  const how = strategies[story.strategy] ?? `by ${story.strategy}`
  return `${bold('Route')} ${how}${asked}\n${indented(candidates)}${indented(exclusions)}`
}

function attempts({ attempts }: GenerationRecord): string {
  if (attempts.length === 0) return ''
  const rows = attempts.map((attempt, index) => {
    const { endpoint, startedAfter, duration, firstTokenAfter, status, outcome, message, cost } = attempt
    return [
      `${index + 1}. ${excerpt(endpoint, 100)}`,
      `at ${seconds(startedAfter)}`,
      `took ${seconds(duration)}`,
      firstTokenAfter === null ? '' : `first token at ${seconds(firstTokenAfter)}`,
      status === null ? 'no answer' : String(status),
      outcome,
      amount(cost),
      excerpt(message ?? '', 400),
    ]
  })
  return `${bold('Attempts')}\n${indented(rows)}`
}

function tokens(record: GenerationRecord): string {
  if (record.outcome === 'open') return ''
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens, isEstimated } =
    record
  const rows = [
    ['input', String(inputTokens), cachedInputTokens > 0 ? `${cachedInputTokens} from the cache` : ''],
    ['output', String(outputTokens), reasoningTokens > 0 ? `${reasoningTokens} reasoning` : ''],
    ...(cacheWriteTokens > 0 ? [['cache', String(cacheWriteTokens), 'written']] : []),
  ]
  const said = isEstimated ? ' counted here, because the provider did not say' : ''
  return `${bold('Tokens')}${said}\n${indented(rows)}`
}

function money(record: GenerationRecord): string {
  const { cost, byokCost, providerCost, catalogueCost, boundMoney, outcome } = record
  const difference = providerCost === null || catalogueCost === null ? null : providerCost - catalogueCost
  const rows = [
    ['charged', outcome === 'open' ? 'nothing yet' : amount(cost)],
    ...(byokCost === 0n ? [] : [['caller’s key', amount(byokCost)]]),
    ['provider', providerCost === null ? 'did not say' : amount(providerCost)],
    ['our prices', catalogueCost === null ? 'not known' : amount(catalogueCost)],
    ...(difference === null || difference === 0n ? [] : [['difference', moreOrLess(difference)]]),
    [outcome === 'open' ? 'reserved' : 'at most', amount(boundMoney)],
  ]
  return `${bold('Money')}\n${indented(rows)}`
}

function indented(rows: readonly (readonly string[])[]): string {
  return columns(rows).replaceAll(/^(?=.)/gm, '  ')
}
