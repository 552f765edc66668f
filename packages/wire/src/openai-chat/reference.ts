/** The provider that can be told everything: what is kept of a request is what it would not be told. */
import { type Quirks, quirks } from '../provider.ts'

export const reference: Quirks = quirks({ reasoningField: 'reasoning_details' })
