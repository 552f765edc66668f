/** What an image is by its first bytes, where nothing else says it. */

const beginnings: readonly (readonly [base64: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

/** The media type of an image in base64; `image/*` for one that is not known. */
export function imageType(base64: string): string {
  return beginnings.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? 'image/*'
}
