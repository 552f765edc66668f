/** The test agent of dd-trace: one exchange in each file. */
import type { Body } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { fromBase64, isFields } from './values.ts'
import { vcrExchange } from './vcr-messages.ts'

export const ddTrace: ForeignFormat = {
  name: 'dd-trace',
  matches: (root) => {
    if (!isFields(root) || !isFields(root['request']) || !isFields(root['response'])) return false
    return 'url' in root['request'] && isFields(root['response']['status'])
  },
  read: (root, reading) => {
    const exchange = vcrExchange(root)
    const { requestBody, body } = exchange
    return [reading.interaction({ ...exchange, requestBody: unmarked(requestBody), body: unmarked(body) }, 0)]
  },
}

const mark = 'base64:'

function unmarked(body: Body): Body {
  if (typeof body !== 'string' || !body.startsWith(mark)) return body
  return fromBase64(body.slice(mark.length))
}
