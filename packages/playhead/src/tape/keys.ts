/** By what a cassette's requests and answers are told to be the same. */
import { createHash, type Hash } from 'node:crypto'
import { type Cassette, createMatcher, type Matcher, normalisersFor, TapeError } from '@playhead/tape'
import { conversation } from '@playhead/wire'

/** The matcher that a recorder of conversations has for the cassette. Normalisers that are somebody's code are left out. */
export function matcherOf({ about }: Cassette): Matcher {
  const known = about.normalise.filter(isKnown)
  return createMatcher({ meaning: conversation, normalise: normalisersFor(known) })
}

function isKnown(name: string): boolean {
  try {
    return normalisersFor([name]).length > 0
  } catch (error) {
    if (error instanceof TapeError) return false
    throw error
  }
}

/** A text that two interactions share exactly when one asked and got what the other did. */
export function exchangeKey(cassette: Cassette, place: number, matcher: Matcher): string {
  const { request, response, ending } = cassette.at(place)
  const hash = createHash('sha256').update(matcher.key(request))
  hash.update(`\n${response?.status ?? 'none'} ${ending.type}\n`)
  addBody(hash, cassette, place)
  return hash.digest('base64url')
}

function addBody(hash: Hash, cassette: Cassette, place: number): void {
  for (const { bytes } of cassette.piecesAt(place)) hash.update(bytes)
}
