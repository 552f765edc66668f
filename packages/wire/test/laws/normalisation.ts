/** One way in which a request that is written again may differ. */
import type { Unread } from '../../src/json.ts'

export interface Normalisation {
  readonly name: string
  readonly why: string
  /** Writes the request's body in the one way that is chosen. Both sides go through it. */
  apply(body: Unread): Unread
  /** A body that needs it, where no recording at hand does. */
  readonly example?: Unread
}

/** In all dialects. */
export const stream: Normalisation = {
  name: '`stream: false` is left out',
  why: 'it is the default',
  apply: ({ stream, ...body }) =>
    stream === false ? body : { ...body, ...(stream !== undefined && { stream }) },
}
