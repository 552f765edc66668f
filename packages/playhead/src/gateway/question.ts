/** A first question that is answered: for the line that `playhead serve` prints. */
import { writeFileSync } from 'node:fs'
import { openCassette } from '@playhead/tape'
import type { Configuration } from '@playhead/gateway/admin'
import { inHome, type Place } from './place.ts'

/**
 * The `-d` of a curl line. A tape answers only what was asked when it was recorded, which is long: it is put into a file of
 * the data folder. Null where nothing could answer.
 */
export async function firstQuestion(
  place: Place,
  { tapes, models }: Configuration,
  listed: readonly string[],
): Promise<string | null> {
  for (const [name, cassette] of tapes) {
    const body = await askedOn(cassette)
    if (body === null) continue
    const file = inHome(place, 'question.json')
    writeFileSync(file, `${JSON.stringify({ ...body, model: `tape/${name}` }, null, 2)}\n`, { mode: 0o600 })
    return `@${file}`
  }
  const [model] = [...models.keys(), ...listed]
  if (model === undefined) return null
  return JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
}

/** What the first request on a tape asked, as far as its answer depends on it; null where it was asked in another dialect. */
async function askedOn(cassette: string): Promise<Readonly<Record<string, unknown>> | null> {
  using tape = await openCassette(cassette)
  for (const { request } of tape ?? []) {
    if (!request.url.includes('/chat/completions') || typeof request.body !== 'string') continue
    const { messages, tools, stream } = JSON.parse(request.body) as Readonly<Record<string, unknown>>
    return { messages, ...(tools !== undefined && { tools }), ...(stream !== undefined && { stream }) }
  }
  return null
}
