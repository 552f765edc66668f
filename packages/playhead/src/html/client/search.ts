/** Finding interactions by their words. */
import type { Summary } from '../page-data.ts'
import type { PageState } from './page-state.ts'

/** Hides what does not match, in slices of time; a newer search ends an older one. */
export async function search(state: PageState, wanted: string): Promise<void> {
  const query = wanted.trim().toLowerCase()
  state.query = query
  const status = document.getElementById('found')
  let found = 0
  let since = performance.now()
  for (const [place, summary] of state.summaries.entries()) {
    const isHit = query === '' || findIn(summary, place, query)
    found += isHit ? 1 : 0
    const item = state.items[place]
    if (item !== undefined) item.hidden = !isHit
    if (performance.now() - since < 16) continue
    await new Promise((resolve) => setTimeout(resolve))
    if (state.query !== query) return
    since = performance.now()
  }
  if (status !== null) status.textContent = query === '' ? '' : `${found} of ${state.summaries.length}`
  markHits(state)
}

/** An interaction is found by what it brought, not by what it sent again. */
export function findIn(summary: Summary, place: number, query: string): boolean {
  const sources = [`s${place}`, `d${place}`, ...summary.pieces]
  return sources.some((id) => {
    const json = document.getElementById(id)?.textContent ?? 'null'
    return wordsOf(JSON.parse(json)).some((words) => words.toLowerCase().includes(query))
  })
}

/** All strings of a value, names of fields and embedded media left out. */
export function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.startsWith('data:') ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'type' ? [] : wordsOf(inner)))
}

/** Marks the words that are searched for, where the browser can do it without touching the text. */
export function markHits({ query }: PageState): void {
  if (typeof Highlight !== 'function') return
  CSS.highlights.delete('hit')
  const main = document.getElementById('main')
  if (query === '' || main === null) return
  const hits = new Highlight()
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.textContent ?? '').toLowerCase()
    // A letter that grows in small letters would shift every place behind it.
    if (text.length !== node.textContent?.length) continue
    for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
      const range = new Range()
      range.setStart(node, at)
      range.setEnd(node, at + query.length)
      hits.add(range)
    }
  }
  CSS.highlights.set('hit', hits)
}

/** The next interaction that is not hidden, in a direction; the same when there is none. */
export function nextFound({ items, shown }: PageState, direction: 1 | -1): number {
  for (let place = shown + direction; place >= 0 && place < items.length; place += direction)
    if (items[place]?.hidden === false) return place
  return shown
}
