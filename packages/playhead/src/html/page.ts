/** `playhead tape inspect --html`: one page that holds all it needs and asks the network for nothing. */
import { createHash } from 'node:crypto'
import { addCosts, addUsage, type Cost, noUsage, type Usage } from '@playhead/wire'
import type { Inspection } from '../inspection.ts'
import { count, money, tokens } from '../terminal.ts'
import { clientSource } from './client/source.ts'
import { detailOf, summaryOf } from './describe.ts'
import { escapeHtml, escapeJson } from './embed.ts'
import type { Totals } from './page-data.ts'
import { createPieces, type Pieces } from './pieces.ts'
import { style } from './style.ts'

/**
 * A page, piece by piece: memory holds one interaction at a time. What models and providers wrote stands in it
 * as data only, and its policy runs no script but its own.
 */
export function* renderPage(inspections: Iterable<Inspection>, title: string): Generator<string> {
  const script = clientSource()
  const sums = createSums()
  const pieces = createPieces()
  const askedFirst = new Map<string, number>()
  yield head(title, script)
  let place = 0
  for (const inspection of inspections) {
    sums.add(inspection)
    yield renderOne(inspection, place, pieces, askedFirst)
    place += 1
  }
  yield data('totals', sums.totals())
  yield `<script>${script}</script>\n</body>\n</html>\n`
}

function renderOne(
  inspection: Inspection,
  place: number,
  pieces: Pieces,
  askedFirst: Map<string, number>,
): string {
  const asked = digestOf(inspection)
  const same = askedFirst.get(asked) ?? null
  if (same === null) askedFirst.set(asked, place)
  const detail = detailOf(inspection, pieces)
  const { names, html } = pieces.take()
  // Bodies say again what the messages say, and what was said before; without a dialect they are all there is.
  const found = inspection.dialect === null ? names : names.filter((name) => !name.startsWith('t'))
  const summary = summaryOf(inspection, { same, pieces: found })
  return `${html}${data(`d${place}`, detail)}${data(`s${place}`, summary)}`
}

function digestOf({ interaction: { request } }: Inspection): string {
  const hash = createHash('sha1').update(`${request.method} ${request.url}\n`)
  return hash.update(request.body).digest('base64')
}

function data(id: string, value: object): string {
  return `<script type="application/json" id="${id}">${escapeJson(value)}</script>\n`
}

interface Sums {
  add(inspection: Inspection): void
  totals(): Totals
}

/** What an interaction reports counts, also when it failed. */
function createSums(): Sums {
  let interactions = 0
  let failed = 0
  let usage: Usage | null = null
  let cost: Cost | null = null
  return {
    add({ outcome, interaction }) {
      interactions += 1
      const isFailed = outcome?.type === 'failure' || (interaction.response?.status ?? 599) >= 400
      failed += isFailed ? 1 : 0
      const reported = outcome?.usage ?? null
      if (reported !== null) usage = addUsage(usage ?? noUsage, reported)
      const paid = outcome?.cost ?? null
      if (paid !== null) cost = addCosts([cost ?? '0', paid])
    },
    totals: () => ({
      facts: [
        count(interactions, 'interaction'),
        ...(failed === 0 ? [] : [`${failed} failed`]),
        ...(usage === null ? [] : [tokens(usage)]),
        ...(cost === null ? [] : [money(cost)]),
      ],
    }),
  }
}

/** Nothing is loaded, nothing is sent, and of scripts and styles only these two are taken. */
function policyOf(script: string): string {
  return [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    'img-src data:',
    'media-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}

function head(title: string, script: string): string {
  const shown = escapeHtml(title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${shown}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the conversation</a>
<header>
<h1><bdi>${shown}</bdi></h1>
<p class="facts" id="sums"></p>
</header>
<nav aria-label="Interactions">
<search>
<input type="search" id="search" placeholder="Search" aria-label="Search the interactions" autocomplete="off" spellcheck="false">
<p id="found" role="status"></p>
</search>
<ol id="list"></ol>
<p class="keys"><kbd>j</kbd> <kbd>k</kbd> move · <kbd>/</kbd> search · <kbd>h</kbd> history · <kbd>r</kbd> raw</p>
</nav>
<main id="main" tabindex="-1"></main>
<noscript><p class="empty">This page lays out what it holds with a script of its own. Scripts are off.</p></noscript>
`
}
