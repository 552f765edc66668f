/** Media as URLs. */
import type { MediaPart } from '../message.ts'

/** The media behind a URL. A `data:` URL gives its bytes and its own media type. */
export function decodeUrl(url: string, mediaType: string): MediaPart {
  const match = /^data:([^;,]*);base64,/.exec(url)
  if (match === null) return { type: 'media', mediaType, source: { type: 'url', url } }
  const base64 = url.slice(match[0].length)
  return { type: 'media', mediaType: match[1] || mediaType, source: { type: 'base64', base64 } }
}
