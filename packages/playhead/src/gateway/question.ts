/** A first question that is answered: for the line that `playhead serve` prints. */
import { writeFileSync } from 'node:fs'
import { type Interaction, openCassette } from '@playhead/tape'
import { understand } from '@playhead/wire'
import { inHome, type Installation } from './installation.ts'
import type { Served, ServedModel } from './served.ts'

/** The `-d` of a curl line. Null where nothing could answer. Whoever has a provider is not answered by a tape. */
export async function firstQuestion(installation: Installation, served: Served): Promise<string | null> {
  const model = served.models.find(({ isConfigured }) => isConfigured) ?? likeliest(served.models)
  if (model === undefined) return tapedQuestion(installation, served.tapes)
  return JSON.stringify({ model: model.name, messages: [{ role: 'user', content: 'Hello' }] })
}

/**
 * A catalogue also lists what its provider has long taken back. The newest read the longest prompts; of those the cheapest,
 * though what is free often goes first.
 */
function likeliest(models: readonly ServedModel[]): ServedModel | undefined {
  const [first] = models.toSorted(
    (a, b) =>
      Number(isFree(a)) - Number(isFree(b)) ||
      b.contextLength - a.contextLength ||
      Number(a.outputPrice - b.outputPrice),
  )
  return first
}

function isFree({ outputPrice }: ServedModel): boolean {
  return outputPrice === 0n
}

/** A tape answers only what was asked when it was recorded, which is long: it is put into a file of the data folder. */
async function tapedQuestion(
  installation: Installation,
  tapes: ReadonlyMap<string, string>,
): Promise<string | null> {
  for (const [name, cassette] of tapes) {
    const asked = await askedOn(cassette)
    if (asked === null) continue
    const file = inHome(installation, 'question.json')
    writeFileSync(file, `${JSON.stringify({ model: `tape/${name}`, ...asked }, null, 2)}\n`, { mode: 0o600 })
    return `@${file}`
  }
  return null
}

type Asked = Readonly<Record<'messages' | 'tools', unknown>>

/** The first question on a tape that was answered in words, or else the first; null where all were in another dialect. */
async function askedOn(cassette: string): Promise<Asked | null> {
  using tape = await openCassette(cassette)
  let first: Asked | null = null
  for (const interaction of tape ?? []) {
    const { dialect, outcome } = understand(interaction)
    if (dialect?.name !== 'openai-chat') continue
    const asked = askedIn(interaction)
    if (outcome?.type === 'answer' && outcome.finishReason === 'stop') return asked
    first ??= asked
  }
  return first
}

/** As far as the answer depends on it, and for no stream, which is hard to read. */
function askedIn({ request }: Interaction): Asked {
  const { messages, tools } = JSON.parse(String(request.body)) as Asked
  return { messages, tools }
}
