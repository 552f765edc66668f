/** URLs of requests. */
import { unsupported } from './strict.ts'

/** A URL without its query and fragment. */
export function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}

/**
 * A model's name as one segment of a path. Throws a WireError for one that would lead elsewhere: `..` goes up,
 * also behind slashes that are escaped.
 */
export function modelSegment(model: string): string {
  if (/^$|(^|[\\/])\.\.?($|[\\/])/.test(model) || !model.isWellFormed())
    throw unsupported('this name cannot stand in a URL', 'model')
  return encodeURIComponent(model)
}

/** A name as it stood before it was escaped. Not every client escapes it, and what is no escape stands for itself. */
export function unescaped(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}
