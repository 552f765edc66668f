/** Writes a cassette in another format, and says what that one cannot hold. */
import { writeGoVcrFile, saveFile } from './cassette-file.ts'
import type { Cassette } from './cassette.ts'
import { writeHar } from './formats/write-har.ts'
import { yamlV4Style } from './go-vcr/format.ts'
import { headerOf, type Interaction } from './interaction.ts'
import { writeNativeTape } from './native/copy.ts'
import { NativeCassette } from './native/read.ts'

/** The formats that are written. */
export type WritableFormat = 'tape' | 'go-vcr' | 'har'

/**
 * Writes a cassette of any format to a file, which it replaces. Gives what was lost on the way, one line for each
 * kind of loss. Throws a TapeError where a body is too large or the file cannot be written.
 */
export async function convert(
  cassette: Cassette,
  to: WritableFormat,
  file: string,
): Promise<readonly string[]> {
  await writers[to](cassette, file)
  return lossesOf(cassette, to)
}

const writers: Readonly<Record<WritableFormat, (cassette: Cassette, file: string) => Promise<void>>> = {
  tape: (cassette, file) => writeNativeTape(file, cassette),
  'go-vcr': (cassette, file) =>
    writeGoVcrFile(file, { style: cassette.about.yaml ?? yamlV4Style, interactions: [...cassette] }),
  har: (cassette, file) => saveFile(file, () => writeHar(cassette)),
}

/** Something about an interaction that a format has no place for. */
interface Loss {
  readonly formats: readonly WritableFormat[]
  readonly isIn: (interaction: Interaction) => boolean
  readonly sentence: string
}

const losses: readonly Loss[] = [
  {
    formats: ['go-vcr'],
    isIn: ({ response }) => response === null,
    sentence: 'go-vcr cannot hold a request without a response; it is left out',
  },
  {
    formats: ['go-vcr'],
    isIn: ({ response, ending }) => response !== null && ending.type !== 'end',
    sentence: 'go-vcr cannot say that a body broke off; what came of it stands there as if it were whole',
  },
  {
    formats: ['go-vcr'],
    isIn: ({ response }) => (response?.chunks?.length ?? 0) > 1,
    sentence: 'go-vcr keeps a body in one piece; how it was cut and when each chunk came is lost',
  },
  {
    formats: ['go-vcr'],
    isIn: ({ startedAt }) => startedAt !== null,
    sentence: 'go-vcr keeps no date; when the request was sent is lost',
  },
  {
    formats: ['go-vcr'],
    isIn: ({ request, response }) => isScattered(request.headers) || isScattered(response?.headers ?? []),
    sentence: 'go-vcr keeps the values of a repeated header together; their places among the others are lost',
  },
  {
    formats: ['har'],
    isIn: ({ request }) => typeof request.body !== 'string',
    sentence: 'HAR has no bytes in a request; other tools will take its base64 for the text that was sent',
  },
  {
    formats: ['har'],
    isIn: ({ response }) => headerOf(response?.headers ?? [], 'content-encoding') !== undefined,
    sentence:
      'HAR is read as if its bodies were unpacked; content-encoding is lost then, and so is a packed body',
  },
  {
    formats: ['har'],
    isIn: ({ request, response }) => hasOwnFields(request.extra) || hasOwnFields(response?.extra),
    sentence: "HAR has no place for go-vcr's own fields (content_length, host, trailer, …)",
  },
]

/** Whether a header is repeated with others in between. */
function isScattered(headers: Interaction['request']['headers']): boolean {
  const seen = new Set<string>()
  let last: string | undefined
  for (const [name] of headers) {
    if (name !== last && seen.has(name)) return true
    seen.add(name)
    last = name
  }
  return false
}

function hasOwnFields(extra: Interaction['request']['extra']): boolean {
  return Object.keys(extra ?? {}).some((name) => !name.startsWith('proto'))
}

function lossesOf(cassette: Cassette, to: WritableFormat): readonly string[] {
  const wanted = losses.filter(({ formats }) => formats.includes(to))
  const places = wanted.map((): number[] => [])
  if (wanted.length > 0) {
    for (const interaction of cassette) {
      for (const [i, loss] of wanted.entries()) if (loss.isIn(interaction)) places[i]?.push(interaction.id)
    }
  }
  const lines = wanted.flatMap(({ sentence }, i) => {
    const found = places[i] ?? []
    return found.length === 0 ? [] : [`${sentence} (${listed(found)})`]
  })
  return [...lines, ...lossesOfAbout(cassette, to)]
}

const mostListed = 10

function listed(places: readonly number[]): string {
  const more = places.length - mostListed
  const list = places.slice(0, mostListed).join(', ')
  return `interaction${places.length === 1 ? '' : 's'} ${list}${more > 0 ? ` and ${more} more` : ''}`
}

function lossesOfAbout(cassette: Cassette, to: WritableFormat): readonly string[] {
  if (to === 'tape') return []
  const { about } = cassette
  const hasNotes = cassette instanceof NativeCassette && cassette.otherLines().size > 0
  return [
    ...(hasNotes ? ['the notes on the tape, and lines that mean nothing to Playhead, are left out'] : []),
    ...(about.parent === null ? [] : [`the tape that it was cut from, ${about.parent.file}, is not named`]),
    ...(about.normalise.length === 0 ? [] : [`its normalisers are not named: ${about.normalise.join(', ')}`]),
  ]
}
