/** Encodes media as parts of a message. */
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type { MediaPart } from '../message.ts'
import { unsupported } from '../strict.ts'
import { isOwn } from './encode-items.ts'
import { responses } from './items.ts'

/** The type of part that takes a medium. */
export function partTypeOf(mediaType: string): string {
  return `input_${/^(image|audio|video)\//.exec(mediaType)?.[1] ?? 'file'}`
}

/** Throws a WireError for what no part takes: a film, a file that another provider keeps. */
export function encodeMedia(part: MediaPart, path: string): Unread {
  const { mediaType, source } = part
  const fields = kept(responses, part)
  const type = fields['type'] ?? partTypeOf(mediaType)
  if (source.type === 'file' && !isOwn(part)) throw unsupported('only its provider knows this file', path)
  if (type === 'input_audio' && source.type === 'base64') {
    const format = mediaType.replace(/^audio\/(x-)?/, '').replace(/^mpeg$/, 'mp3')
    return { type, input_audio: { data: source.base64, format }, ...fields }
  }
  if (type === 'input_image' || type === 'input_file' || (type === 'input_video' && isOwn(part)))
    return { type, ...encodeFile(part, type), ...fields }
  throw unsupported(`${mediaType} of this kind cannot be said in this dialect`, path)
}

/**
 * An image, a film, or a file, whose bytes come with a name: from its ending its kind is known. The official type asks
 * for an image's `detail`, whose default is `auto`; the API does not.
 */
function encodeFile(part: MediaPart, type: string): Unread {
  const { source, mediaType, detail, name } = part
  const kind = type.replace('input_', '')
  const isFile = kind === 'file'
  const place =
    source.type === 'file' ? 'file_id' : isFile && source.type !== 'url' ? 'file_data' : `${kind}_url`
  const ending = source.type === 'text' ? 'txt' : mediaType.split('/')[1] || 'pdf'
  const filename = name ?? (place === 'file_data' && !isOwn(part) ? `file.${ending}` : undefined)
  return { [place]: urlOf(part), ...(isFile && { filename }), detail }
}

/** Bytes without a media type are the base64 alone. */
function urlOf({ source, mediaType }: MediaPart): string {
  if (source.type === 'url') return source.url
  if (source.type === 'file') return source.id
  if (source.type === 'base64') {
    return mediaType === '' ? source.base64 : `data:${mediaType};base64,${source.base64}`
  }
  const bytes = Array.from(new TextEncoder().encode(source.text), (byte) => String.fromCharCode(byte))
  return `data:${mediaType || 'text/plain'};base64,${btoa(bytes.join(''))}`
}
