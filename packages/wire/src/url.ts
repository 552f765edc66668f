/** URLs of requests. */

/** A URL without its query and fragment. */
export function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}
