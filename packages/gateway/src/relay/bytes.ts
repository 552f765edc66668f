/** Bytes in pieces. */

export const noBytes = new Uint8Array()

/** In one piece; the same one where there is only one. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only = noBytes, ...more] = pieces.filter(({ length }) => length > 0)
  return more.length === 0 ? only : Buffer.concat([only, ...more])
}
