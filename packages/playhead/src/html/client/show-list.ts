/** The list of interactions. */
import type { Summary } from '../page-data.ts'
import { element } from './dom.ts'
import type { PageState } from './page-state.ts'

/** The first at once, the rest piece by piece: a long list does not keep the page from being used. */
export async function showList(state: PageState): Promise<void> {
  const list = document.getElementById('list')
  if (list === null) return
  const step = 500
  for (let from = 0; from < state.summaries.length; from += step) {
    appendItems(state, list, from, from + step)
    await new Promise((resolve) => setTimeout(resolve))
  }
}

export function appendItems(state: PageState, list: HTMLElement, from: number, to: number): void {
  const made = document.createDocumentFragment()
  const isMany = state.summaries.some(({ file }) => file !== state.summaries[0]?.file)
  for (const [offset, summary] of state.summaries.slice(from, to).entries()) {
    const place = from + offset
    const isNewFile = isMany && summary.file !== state.summaries[place - 1]?.file
    if (isNewFile) made.append(element('li', { class: 'file' }, element('bdi', {}, summary.file)))
    const item = listItem(summary, place, state.summaries[place - 1])
    if (place === state.shown) item.firstElementChild?.setAttribute('aria-current', 'true')
    state.items.push(item)
    made.append(item)
  }
  list.append(made)
}

export function listItem(summary: Summary, place: number, before: Summary | undefined): HTMLLIElement {
  const { id, title, model, calls, word, tone, duration, same } = summary
  const isSameModel = before?.model === model && before.file === summary.file
  const facts = [...calls.map((name) => `${name}()`), duration, isSameModel ? '' : model].filter(
    (fact) => fact !== '',
  )
  const about = element('span', { class: 'about' }, element('span', { class: `word ${tone}` }, word))
  for (const fact of facts) about.append(element('bdi', {}, fact))
  if (same !== null) about.append(element('span', {}, '↻ again'))
  return element(
    'li',
    {},
    element(
      'a',
      { href: `#${place}` },
      element('span', { class: 'number' }, String(id)),
      element('bdi', { class: 'title' }, title),
      about,
    ),
  )
}
