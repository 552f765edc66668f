/** Encodes media as parts of a message. */
import { kept } from '../kept-fields.ts'
import type { JsonObject, MediaPart } from '../message.ts'
import { unsupported } from '../strict.ts'
import { isOwn } from './encode-items.ts'
import { responses } from './items.ts'

/** The type of part that takes a medium. */
export function partTypeOf(mediaType: string): 'input_image' | 'input_audio' | 'input_video' | 'input_file' {
  if (mediaType.startsWith('image/')) return 'input_image'
  if (mediaType.startsWith('audio/')) return 'input_audio'
  return mediaType.startsWith('video/') ? 'input_video' : 'input_file'
}

/** Throws a WireError for what no part takes: a film, a file that another provider keeps. */
export function encodeMedia(part: MediaPart, path: string): JsonObject {
  const { mediaType, source } = part
  const fields = kept(responses, part)
  if (source.type === 'file' && !isOwn(part)) throw unsupported('only its provider knows this file', path)
  const type = fields['type'] ?? partTypeOf(mediaType)
  if (type === 'input_image') return { ...encodeImage(part), ...fields }
  if (type === 'input_file') return { ...encodeFile(part), ...fields }
  if (type === 'input_audio' && source.type === 'base64') {
    const subtype = mediaType.slice('audio/'.length)
    const format = subtype === 'mpeg' ? 'mp3' : subtype === 'x-wav' ? 'wav' : subtype
    return { type, input_audio: { data: source.base64, format }, ...fields }
  }
  if (type === 'input_video' && isOwn(part)) return { type, video_url: urlOf(part), ...fields }
  throw unsupported(`${mediaType} of this kind cannot be said in this dialect`, path)
}

/** The official type asks for `detail`, whose default is `auto`; the API does not. */
function encodeImage(part: MediaPart): JsonObject {
  const { source, detail } = part
  return {
    type: 'input_image',
    ...(source.type === 'file' ? { file_id: source.id } : { image_url: urlOf(part) }),
    ...(detail !== undefined && { detail }),
  }
}

/** A file's bytes come with a name, from whose ending its kind is known. */
function encodeFile(part: MediaPart): JsonObject {
  const { source, mediaType, detail } = part
  const isBytes = source.type === 'base64' || source.type === 'text'
  const extension = source.type === 'text' ? 'txt' : (mediaType.split('/')[1] ?? '')
  const name =
    part.name ?? (isBytes && !isOwn(part) ? `file.${extension === '' ? 'pdf' : extension}` : undefined)
  return {
    type: 'input_file',
    ...(source.type === 'file'
      ? { file_id: source.id }
      : { [source.type === 'url' ? 'file_url' : 'file_data']: urlOf(part) }),
    ...(name !== undefined && { filename: name }),
    ...(detail !== undefined && { detail }),
  }
}

/** Bytes without a media type are the base64 alone. */
function urlOf({ source, mediaType }: MediaPart): string {
  if (source.type === 'url') return source.url
  if (source.type === 'file') return source.id
  if (source.type === 'base64') {
    return mediaType === '' ? source.base64 : `data:${mediaType};base64,${source.base64}`
  }
  let bytes = ''
  for (const byte of new TextEncoder().encode(source.text)) bytes += String.fromCharCode(byte)
  return `data:${mediaType === '' ? 'text/plain' : mediaType};base64,${btoa(bytes)}`
}
