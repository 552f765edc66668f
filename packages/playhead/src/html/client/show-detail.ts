/** An interaction: what was asked, how long it took, what came. */
import type { Detail, MessageView, Outcome, Summary, Tool } from '../page-data.ts'
import { element, fold, longText, readData, readMessages } from './dom.ts'
import { textOrJson } from './json-text.ts'
import { messageNode } from './show-message.ts'
import { rawNode } from './show-raw.ts'
import { timelineNode } from './show-timeline.ts'

export function detailNodes(
  summaries: readonly Summary[],
  summary: Summary,
  detail: Detail,
  place: number,
): readonly Node[] {
  const fresh = readMessages(detail.messages, detail.seen, Infinity)
  const facts = element(
    'p',
    { class: 'facts' },
    ...detail.facts.map((fact) => element('span', {}, fact)),
    ...againLinks(summaries, summary, place),
  )
  return [
    element('a', { class: 'back', href: '#' }, '← All interactions'),
    element(
      'header',
      {},
      element('p', { class: 'over' }, element('bdi', {}, summary.file), ` #${summary.id}`),
      element('h2', { tabindex: '-1', id: 'heading' }, summary.model || `${summary.method} ${summary.url}`),
      element('p', { class: 'url', dir: 'auto' }, `${summary.method} ${summary.url}`),
      facts,
    ),
    ...settingsNode(detail),
    ...toolsNode(detail),
    ...(detail.misunderstood === null
      ? []
      : [element('p', { class: 'notice' }, `The request is not understood: ${detail.misunderstood}`)]),
    ...historyNode(detail),
    ...fresh.map((message) => messageNode(message, '')),
    ...(detail.timeline === null ? [] : [timelineNode(detail.timeline)]),
    ...outcomeNodes(detail.outcome),
    rawNode(detail.request, detail.response),
  ]
}

/** What has been on the page before, out of the way. */
export function historyNode({ messages, seen }: Detail): readonly Node[] {
  if (seen === 0) return []
  const label = `${seen} earlier ${seen === 1 ? 'message' : 'messages'}`
  return [
    fold('history', [label], () =>
      readMessages(messages, 0, seen).map((message) => messageNode(message, '')),
    ),
  ]
}

export function settingsNode({ settings }: Detail): readonly Node[] {
  if (settings.length < 2) return []
  const names = settings.map(([name]) => name).join(', ')
  return [
    fold('settings', ['Settings ', element('small', {}, names)], () => {
      const rows = settings.map(([name, value]) =>
        element('tr', {}, element('th', { scope: 'row' }, name), element('td', { dir: 'auto' }, value)),
      )
      return [element('table', {}, element('tbody', {}, ...rows))]
    }),
  ]
}

export function toolsNode({ tools }: Detail): readonly Node[] {
  const offered = tools === null ? undefined : (readData(`o${tools}`) as readonly Tool[] | undefined)
  if (offered === undefined) return []
  const names = offered.map(({ name }) => name).join(', ')
  return [
    fold('tools', ['Tools ', element('small', {}, names)], () =>
      offered.map(({ name, description, schema }) => {
        const said = element('p', { dir: 'auto' }, description)
        const head = element('p', { class: 'tool' }, element('code', {}, name))
        return element('div', { class: 'call' }, head, said, longText('pre', schema, textOrJson))
      }),
    ),
  ]
}

export function outcomeNodes(outcome: Outcome): readonly Node[] {
  if (outcome.type === 'unknown') return [element('p', { class: 'notice' }, outcome.message)]
  const piece = outcome.type === 'answer' ? outcome.message : outcome.partial
  const message = piece === null ? undefined : (readData(`m${piece}`) as MessageView | undefined)
  const said = message === undefined ? [] : [messageNode(message, 'answer')]
  const facts = outcome.facts.map((fact) => element('span', {}, fact))
  if (outcome.type === 'answer')
    return [
      ...said,
      element('p', { class: 'facts outcome' }, element('b', {}, outcome.finishReason), ...facts),
    ]
  const words = [element('b', {}, outcome.code), ` ${outcome.message}`]
  const raw = outcome.raw === null ? [] : [longText('pre', outcome.raw, textOrJson)]
  return [
    ...said,
    element('div', { class: 'failure', role: 'note' }, element('p', { dir: 'auto' }, ...words), ...raw),
    element('p', { class: 'facts outcome' }, ...facts),
  ]
}

/** Where the same was asked before, and where it was asked next. */
export function againLinks(summaries: readonly Summary[], summary: Summary, place: number): readonly Node[] {
  const first = summary.same ?? place
  const isSame = (other: Summary, at: number): boolean => (other.same ?? at) === first
  const before = summaries.slice(0, place).findLastIndex(isSame)
  const next = summaries.findIndex((other, at) => at > place && isSame(other, at))
  const link = (words: string, at: number): readonly Node[] =>
    at < 0 ? [] : [element('a', { href: `#${at}` }, `${words} #${summaries[at]?.id}`)]
  return [...link('asked before in', before), ...link('asked again in', next)]
}
