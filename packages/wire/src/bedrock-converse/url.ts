/** Reads the URL of a request, which names the model and says whether a stream is wanted. */

/** The model and the kind of a URL `…/model/{model}/converse` or `…/converse-stream`; null for any other. */
export function targetOf(url: string): { readonly model: string; readonly isStream: boolean } | null {
  const match = /^[^?#]*?\/model\/([^?#]+)\/converse(-stream)?(?:[?#]|$)/.exec(url)
  return match === null ? null : { model: decoded(match[1] ?? ''), isStream: match[2] !== undefined }
}

/** Not every client escapes the colons and slashes of a name, and what is no escape stands for itself. */
function decoded(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}
