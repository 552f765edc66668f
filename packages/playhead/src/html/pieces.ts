/** What stands on a page once, however often it is sent: each step of a run sends all that was before it again. */
import { createHash } from 'node:crypto'
import { escapeJson } from './embed.ts'
import type { Text } from './page-data.ts'

/** Messages, texts of bodies, and the tools that are offered; each kind has places of its own. */
export type Kind = 'm' | 't' | 'o'

export type Side = 'request' | 'response'

export interface Pieces {
  /** The place of a piece; it is written when it is new. */
  put(kind: Exclude<Kind, 't'>, value: unknown): number
  /** The place of a body's text. What it has in common with the one before it, of its own side, is not written again. */
  putText(text: string, side: Side): number
  /** Whether the piece at this place was there when `take` was called last. */
  isOld(kind: Kind, place: number): boolean
  /** What is new since the last call: names of the pieces, and the page's text that holds them. */
  take(): { readonly names: readonly string[]; readonly html: string }
}

export function createPieces(): Pieces {
  const places = new Map<string, number>()
  const counts = { m: 0, t: 0, o: 0 }
  let old = { ...counts }
  let names: string[] = []
  let html = ''
  const last: Record<Side, Placed | null> = { request: null, response: null }

  function place(kind: Kind, digest: string, json: () => string): number {
    const known = places.get(digest)
    if (known !== undefined) return known
    const made = counts[kind]
    counts[kind] += 1
    places.set(digest, made)
    names.push(`${kind}${made}`)
    html += `<script type="application/json" id="${kind}${made}">${json()}</script>\n`
    return made
  }

  return {
    put(kind, value) {
      const json = escapeJson(value)
      return place(kind, digestOf(kind, json), () => json)
    },
    putText: (text, side) =>
      place('t', digestOf('t', text), () => {
        const stored = storedText(text, last[side])
        const depth = typeof stored === 'string' ? 0 : (last[side]?.depth ?? 0) + 1
        last[side] = { text, depth, place: counts.t - 1 }
        return escapeJson(stored)
      }),
    isOld: (kind, place) => place < old[kind],
    take() {
      const taken = { names, html }
      old = { ...counts }
      names = []
      html = ''
      return taken
    },
  }
}

function digestOf(kind: Kind, text: string): string {
  // A short text is its own digest; no digest begins with a quote.
  return kind + (text.length < 200 ? `"${text}` : createHash('sha1').update(text).digest('base64'))
}

interface Placed {
  readonly text: string
  readonly place: number
  /** How many others must be read before it. */
  readonly depth: number
}

const mostDepth = 100

/** Whole, or as what it does not have in common with another, where that is most of it. */
function storedText(text: string, other: Placed | null): Text {
  if (other === null || other.depth >= mostDepth) return text
  const most = Math.min(text.length, other.text.length)
  let start = 0
  while (start < most && text.charCodeAt(start) === other.text.charCodeAt(start)) start += 1
  let end = 0
  while (end < most - start && text.at(-1 - end) === other.text.at(-1 - end)) end += 1
  if (start + end < text.length / 2 || start + end < 1000) return text
  return { like: other.place, start, text: text.slice(start, text.length - end), end }
}
