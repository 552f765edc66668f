/** The page comes to life: the list, what is shown, the keyboard. */
import type { Detail, Summary, Totals } from '../page-data.ts'
import { element, readData } from './dom.ts'
import type { PageState } from './page-state.ts'
import { markHits, nextFound, search } from './search.ts'
import { detailNodes } from './show-detail.ts'
import { showList } from './show-list.ts'

export function start(): void {
  const summaries: Summary[] = []
  for (;;) {
    const summary = readData(`s${summaries.length}`) as Summary | undefined
    if (summary === undefined) break
    summaries.push(summary)
  }
  const state: PageState = { summaries, items: [], shown: -1, query: '' }
  const sums = (readData('totals') as Totals | undefined)?.facts ?? []
  document.getElementById('sums')?.append(...sums.map((fact) => element('span', {}, fact)))
  const input = document.getElementById('search') as HTMLInputElement
  input.addEventListener('input', () => void search(state, input.value))
  document.addEventListener('keydown', (event) => onKey(state, input, event))
  window.addEventListener('hashchange', () => show(state))
  show(state)
  void showList(state).then(() => (input.value === '' ? undefined : search(state, input.value)))
}

/** The interaction that the address names; null when it names none. */
export function placeInHash({ summaries }: PageState): number | null {
  const place = /^#\d{1,9}$/.test(location.hash) ? Number(location.hash.slice(1)) : -1
  return place >= 0 && place < summaries.length ? place : null
}

export function show(state: PageState): void {
  const named = placeInHash(state)
  document.body.dataset['view'] = named === null ? 'list' : 'detail'
  const place = named ?? Math.max(0, state.shown)
  const main = document.getElementById('main')
  if (main === null || location.hash === '#main') return
  const summary = state.summaries[place]
  const detail = readData(`d${place}`) as Detail | undefined
  if (summary === undefined || detail === undefined) {
    main.replaceChildren(element('p', { class: 'empty' }, 'No interactions.'))
    return
  }
  if (place === state.shown) return
  state.items[state.shown]?.firstElementChild?.removeAttribute('aria-current')
  state.shown = place
  const item = state.items[place]
  item?.firstElementChild?.setAttribute('aria-current', 'true')
  item?.scrollIntoView({ block: 'nearest' })
  main.replaceChildren(...detailNodes(state.summaries, summary, detail, place))
  main.scrollTop = 0
  markHits(state)
  if (named === null) return
  window.scrollTo(0, 0)
  if (document.activeElement?.id !== 'search')
    document.getElementById('heading')?.focus({ preventScroll: true })
}

export function step(state: PageState, direction: 1 | -1): void {
  const place = nextFound(state, direction)
  if (place === state.shown) return
  location.replace(`#${place}`)
  // The event that says so comes later: the next key must not be told from the old place.
  show(state)
}

export function onKey(state: PageState, input: HTMLInputElement, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target === input) {
    if (event.key !== 'Escape' && event.key !== 'Enter') return
    if (event.key === 'Escape') {
      input.value = ''
      void search(state, '')
    } else if (state.items[state.shown]?.hidden === true)
      step(state, nextFound(state, 1) > state.shown ? 1 : -1)
    input.blur()
    return
  }
  const actions: Readonly<Record<string, () => void>> = {
    j: () => step(state, 1),
    k: () => step(state, -1),
    '/': () => input.focus(),
    h: () => flip('history'),
    r: () => flip('raw'),
  }
  const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined
  if (action === undefined) return
  event.preventDefault()
  action()
}

/** Opens all folds of a kind, or closes them where one is open. */
export function flip(kind: string): void {
  const folds = [...document.querySelectorAll<HTMLDetailsElement>(`#main details.${kind}`)]
  const isOpen = folds.some(({ open }) => open)
  for (const fold of folds) fold.open = !isOpen
}
