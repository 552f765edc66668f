/** vcrpy, and what pydantic-ai, langchain and cassetter made of it. */
import type { Interaction } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Reading } from './reading.ts'
import { type Entry, field, isFields, items, unfit } from './values.ts'
import { exchangeOf, vcrExchange } from './vcr-messages.ts'

export const vcrpy: ForeignFormat = {
  name: 'vcrpy',
  matches: (root) =>
    isFields(root) &&
    (Array.isArray(root['interactions']) ||
      (Array.isArray(root['requests']) && Array.isArray(root['responses']))),
  read: (root, reading) => {
    const list = items(field(root, 'interactions'))
    return list.length > 0
      ? list.map((entry, id) => reading.interaction(vcrExchange(entry), id))
      : readLists(root, reading)
  },
}

/** langchain keeps the requests in one list and the responses in another. */
function readLists(root: Entry, reading: Reading): Interaction[] {
  const requests = items(field(root, 'requests'))
  const responses = items(field(root, 'responses'))
  if (requests.length !== responses.length) {
    return unfit(
      field(root, 'responses'),
      `has ${responses.length} entries, but there are ${requests.length} requests.`,
    )
  }
  return responses.map((response, id) => {
    const request = requests[id]
    return reading.interaction(exchangeOf(request ?? response, response), id)
  })
}
