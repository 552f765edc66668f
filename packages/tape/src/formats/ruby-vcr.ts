/** Ruby's VCR. */
import type { ForeignFormat } from './format.ts'
import { field, isFields, items } from './values.ts'
import { vcrExchange } from './vcr-messages.ts'

export const rubyVcr: ForeignFormat = {
  name: 'ruby-vcr',
  matches: (root) => isFields(root) && Array.isArray(root['http_interactions']),
  read: (root, reading) =>
    items(field(root, 'http_interactions')).map((entry, id) => {
      const exchange = vcrExchange(entry)
      if (exchange.url.includes('<%'))
        reading.warn('a template (<% … %>) in a URL is kept as text; it is never run')
      return reading.interaction(exchange, id)
    }),
}
