/** Encodes images, documents, films and sounds: a format, and bytes or a place in S3. */
import { imageType } from '../image-type.ts'
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type { MediaPart, MediaSource } from '../message.ts'
import { unsupported } from '../strict.ts'
import { name as dialect } from './name.ts'

export const mediaKinds = ['image', 'document', 'video', 'audio'] as const
export type Kind = (typeof mediaKinds)[number]

const office = 'application/vnd.openxmlformats-officedocument'

/** The media types that are not `<kind>/<format>`. */
export const mediaTypes: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  image: {},
  document: {
    pdf: 'application/pdf',
    csv: 'text/csv',
    doc: 'application/msword',
    docx: `${office}.wordprocessingml.document`,
    xls: 'application/vnd.ms-excel',
    xlsx: `${office}.spreadsheetml.sheet`,
    html: 'text/html',
    txt: 'text/plain',
    md: 'text/markdown',
  },
  video: { three_gp: 'video/3gpp', mov: 'video/quicktime', mkv: 'video/x-matroska', flv: 'video/x-flv' },
  audio: { mp3: 'audio/mpeg', m4a: 'audio/mp4' },
}

/** Encodes media as a block. Documents need a name, of few kinds of characters. */
export function encodeMedia(part: MediaPart, path: string, nameless: string): Unread {
  const mediaType = part.mediaType === '' || part.mediaType.endsWith('/*') ? guess(part) : part.mediaType
  const kind = kindOf(mediaType)
  const { source: keptSource, ...rest } = kept(dialect, part)
  const format = rest['format'] ?? formatOf(kind, mediaType)
  if (format === undefined) throw unsupported(`media of type "${mediaType}" cannot be sent`, path)
  const source = keptSource ?? encodeSource(part.source, path)
  const named = kind === 'document' ? { name: documentName(part.name ?? nameless) } : {}
  return { [kind]: { format, ...named, source, ...rest } }
}

function guess({ mediaType, source }: MediaPart): string {
  const isImage = mediaType === '' || mediaType === 'image/*'
  return isImage && source.type === 'base64' ? imageType(source.base64) : mediaType
}

function kindOf(mediaType: string): Kind {
  const [kind = ''] = mediaType.split('/', 1)
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document'
}

/** Undefined for what no format is known for: only documents are of few kinds. */
export function formatOf(kind: Kind, mediaType: string): string | undefined {
  const [bare = ''] = mediaType.split(';', 1)
  const known = Object.entries(mediaTypes[kind]).find(([, type]) => type === bare)
  if (known !== undefined) return known[0]
  const format = bare.slice(kind.length + 1)
  if (kind === 'document') return bare.startsWith('text/') ? 'txt' : undefined
  return format === '*' || format === '' ? undefined : format
}

function encodeSource(source: MediaSource, path: string): Unread {
  if (source.type === 'base64') return { bytes: source.base64 }
  if (source.type === 'text') return { text: source.text }
  if (source.type === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } }
  throw unsupported('media must be sent itself, or lie in S3', path)
}

/**
 * Letters, digits, single spaces, hyphens, underscores, parentheses and square brackets are all that may stand in it.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
 */
function documentName(name: string): string {
  if (/^[\w\s()[\]-]{1,200}$/.test(name) && !/\s\s/.test(name)) return name
  const plain = name.replaceAll(/[^\w\s()[\]-]+/g, '-').replaceAll(/\s+/g, ' ')
  return plain.slice(0, 200).trim() || 'document'
}
