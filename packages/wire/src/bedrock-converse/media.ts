/** Encodes images, documents, films and sounds: a format, and bytes or a place in S3. */
import { imageType } from '../image-type.ts'
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import type { MediaPart, MediaSource } from '../message.ts'
import { unsupported } from '../strict.ts'
import { name as dialect } from './name.ts'

export const mediaKinds = ['image', 'document', 'video', 'audio'] as const
export type Kind = (typeof mediaKinds)[number]

/** What stands in the media types of formats that are not simply their subtypes. */
const formats: Readonly<Record<string, string>> = {
  pdf: 'pdf',
  csv: 'csv',
  html: 'html',
  markdown: 'md',
  msword: 'doc',
  wordprocessingml: 'docx',
  excel: 'xls',
  spreadsheetml: 'xlsx',
  'text/': 'txt',
  '3gpp': 'three_gp',
  quicktime: 'mov',
  matroska: 'mkv',
  flv: 'flv',
}

/** Encodes media as a block. Documents need a name, of few kinds of characters: by default, that of their place. */
export function encodeMedia(part: MediaPart, path: string): Unread {
  const { guardContent, source: keptSource, ...rest } = kept(dialect, part)
  if (guardContent !== undefined) return { guardContent }
  const { mediaType: given, source } = part
  const isGuessed = (given === '' || given === 'image/*') && source.type === 'base64'
  const mediaType = isGuessed ? imageType(source.base64) : given
  const kind = (/^(image|video|audio)\//.exec(mediaType)?.[1] ?? 'document') as Kind
  const format = rest['format'] ?? formatOf(kind, mediaType)
  if (format === undefined) throw unsupported(`media of type "${mediaType}" cannot be sent`, path)
  const nameless = ['document', ...(path.match(/\d+/g) ?? [])].join('-')
  return {
    [kind]: {
      format,
      name: kind === 'document' ? documentName(part.name ?? nameless) : undefined,
      source: keptSource ?? encodeSource(source, path),
      ...rest,
    },
  }
}

/** Undefined for what no format is known for: only documents are of few kinds. */
export function formatOf(kind: Kind, mediaType: string): string | undefined {
  const [bare = ''] = mediaType.split(';', 1)
  const known = Object.keys(formats).find((words) => bare.includes(words))
  if (known !== undefined) return formats[known]
  return kind === 'document' ? undefined : bare.slice(kind.length + 1).replace('*', '') || undefined
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
  return name.replaceAll(/[^\w\s()[\]-]+|\s\s+/g, '-').slice(0, 200) || 'document'
}
