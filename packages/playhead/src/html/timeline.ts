/** When the pieces of a response came, in as many spans as a drawing can show. */
import type { Interaction } from '@playhead/tape'
import { count, seconds } from '../terminal.ts'
import type { Timeline } from './page-data.ts'

const spanCount = 120

/** Null where nothing is known: no head came, or the format keeps no times. */
export function timelineOf({ response, ending }: Interaction): Timeline | null {
  if (response === null) return null
  const { duration: head, chunks } = response
  const last = chunks?.at(-1)?.at ?? 0
  const end = Math.max(ending.at, head, last)
  if (!(end > 0) || !Number.isFinite(end)) return null
  const spans = Array.from({ length: chunks === null ? 0 : spanCount }, () => 0)
  let bytes = 0
  for (const { at, length } of chunks ?? []) {
    const place = Math.min(spanCount - 1, Math.max(0, Math.floor((at / end) * spanCount)))
    spans[place] = (spans[place] ?? 0) + length
    bytes += length
  }
  const label = [
    `first byte after ${seconds(head)}`,
    ...(chunks === null ? [] : [count(chunks.length, 'chunk')]),
    ...(end > head ? [`end after ${seconds(end)}`] : []),
  ].join(', ')
  return { head, end, chunks: chunks?.length ?? 0, bytes, spans, label }
}
