/** Decodes images, documents, films and sounds. */
import { isObject, type Unread } from '../json.ts'
import { keep } from '../kept-fields.ts'
import type { JsonObject, MediaPart, MediaSource } from '../message.ts'
import { isAbsent, objectAt, stringAt, unsupported } from '../strict.ts'
import { formatOf, type Kind } from './media.ts'
import { name as dialect } from './name.ts'

const office = 'application/vnd.openxmlformats-officedocument'

/** The media types that are not `<kind>/<format>`. */
const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['csv', 'text/csv'],
  ['doc', 'application/msword'],
  ['docx', `${office}.wordprocessingml.document`],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', `${office}.spreadsheetml.sheet`],
  ['html', 'text/html'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['three_gp', 'video/3gpp'],
  ['mov', 'video/quicktime'],
  ['mkv', 'video/x-matroska'],
  ['flv', 'video/x-flv'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
])

/** Decodes a block's image, document, film or sound. A format that its media type does not say is kept. */
export function decodeMedia(kind: Kind, wire: unknown, path: string): MediaPart {
  const { format, name, source, ...rest } = objectAt(wire, path)
  const known = isAbsent(format) ? '' : stringAt(format, `${path}.format`)
  const [read, keptSource] = decodeSource(objectAt(source, `${path}.source`), `${path}.source`)
  // The format of a document may be left out where its words are sent.
  const unnamed = read.type === 'text' ? 'text/plain' : `${kind}/*`
  const mediaType = mediaTypes.get(known) ?? (known === '' ? unnamed : `${kind}/${known}`)
  return {
    type: 'media',
    mediaType,
    source: read,
    ...(!isAbsent(name) && { name: stringAt(name, `${path}.name`) }),
    ...keep(dialect, {
      ...rest,
      ...(formatOf(kind, mediaType) !== known && known !== '' && { format: known }),
      ...(keptSource !== undefined && { source: keptSource }),
    }),
  }
}

/** Where a document is cut into blocks, or its place says whose it is, the source itself is kept, too. */
function decodeSource(wire: Unread, path: string): readonly [MediaSource, JsonObject | undefined] {
  const { bytes, text, content, s3Location } = wire
  if (typeof bytes === 'string') return [{ type: 'base64', base64: bytes }, undefined]
  if (typeof text === 'string') return [{ type: 'text', text }, undefined]
  if (Array.isArray(content)) {
    const words = content.map((block) => (isObject(block) ? block['text'] : undefined))
    const joined = words.filter((one) => typeof one === 'string').join('\n')
    return [{ type: 'text', text: joined }, wire as JsonObject]
  }
  if (!isObject(s3Location)) throw unsupported('bytes, text, or a place in S3 are needed', path)
  const url = stringAt(s3Location['uri'], `${path}.s3Location.uri`)
  return [{ type: 'url', url }, Object.keys(s3Location).length > 1 ? (wire as JsonObject) : undefined]
}
