/** Decodes the media in a message. */
import { isObject, type Unread } from '../json.ts'
import { keep } from '../kept-fields.ts'
import type { JsonObject, MediaPart, MediaSource } from '../message.ts'
import { isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { responses } from './items.ts'
import { partTypeOf } from './media.ts'

/** By part type: the fields that may hold the medium, and the media type where nothing else says one. */
const sources: ReadonlyMap<unknown, readonly [mediaType: string, ...fields: readonly string[]]> = new Map([
  ['input_image', ['image/*', 'image_url', 'file_id']],
  ['input_file', ['', 'file_data', 'file_url', 'file_id']],
  ['input_video', ['video/*', 'video_url']],
])

/** Throws a WireError for a part that is not known. */
export function decodeMedia(wire: Unread, path: string): MediaPart {
  const { type } = wire
  if (type === 'input_audio') return decodeAudio(wire, path)
  const [mediaType = '', ...fields] = sources.get(type) ?? []
  const field = fields.find((name) => !isAbsent(wire[name]))
  if (fields.length === 0) throw unsupported(`unknown part ${shown(type)}`, `${path}.type`)
  const value = stringAt(wire[field ?? ''], `${path}.${field ?? fields[0] ?? ''}`)
  const { type: _type, detail, filename, prompt_cache_breakpoint: breakpoint, ...others } = wire
  const { [field ?? '']: _value, ...rest } = others
  const read = readSource(field ?? '', value, mediaType)
  const isSeen = typeof detail === 'string'
  const isNamed = typeof filename === 'string'
  const kept = {
    ...rest,
    ...(!isSeen && detail !== undefined && { detail }),
    ...(!isNamed && filename !== undefined && { filename }),
    ...(!isAbsent(breakpoint) && { prompt_cache_breakpoint: breakpoint }),
    ...(partTypeOf(read.mediaType) !== type && { type }),
  }
  // Its data, if only an empty one, says that a file's id, a file without a name, a film are its own.
  const isMarked =
    read.source.type === 'file' || type === 'input_video' || (field === 'file_data' && !isNamed)
  return {
    type: 'media',
    ...read,
    ...(isNamed && { name: filename }),
    ...(isSeen && { detail }),
    ...(!isAbsent(breakpoint) && { cache: {} }),
    ...(isMarked ? { data: { [responses]: kept as JsonObject } } : keep(responses, kept)),
  }
}

function readSource(
  field: string,
  value: string,
  mediaType: string,
): { readonly mediaType: string; readonly source: MediaSource } {
  if (field === 'file_id') return { mediaType, source: { type: 'file', id: value } }
  const isData = value.startsWith('data:')
  const comma = isData ? value.indexOf(';base64,') : -1
  const named = value.slice('data:'.length, comma)
  if (comma !== -1 && /^[\w.+-]+\/[\w.+*-]+$/.test(named))
    return { mediaType: named, source: { type: 'base64', base64: value.slice(comma + ';base64,'.length) } }
  if (field === 'file_data' && !isData) return { mediaType, source: { type: 'base64', base64: value } }
  return { mediaType, source: { type: 'url', url: value } }
}

function decodeAudio(wire: Unread, path: string): MediaPart {
  const { type: _type, input_audio, ...rest } = wire
  const { data, format, ...others } = objectAt(input_audio, `${path}.input_audio`)
  if (isObject(others) && Object.keys(others).length > 0)
    throw unsupported('this is not known', `${path}.input_audio.${Object.keys(others)[0] ?? ''}`)
  const subtype = stringAt(format, `${path}.input_audio.format`)
  return {
    type: 'media',
    mediaType: `audio/${subtype === 'mp3' ? 'mpeg' : subtype}`,
    source: { type: 'base64', base64: stringAt(data, `${path}.input_audio.data`) },
    ...keep(responses, rest),
  }
}
