/** Messages as a page shows them. */
import type { Json, MediaPart, Message } from '@playhead/wire'
import type { MediaView, MessageView, PartView } from './page-data.ts'

/** Names of tools by the ids of their calls: many dialects name only the id in a result. */
export type ToolNames = Map<string, string>

/** Messages are to come in their order: an id may be used again, and means the last call that had it. */
export function messageView(message: Message, names: ToolNames): MessageView {
  const { role } = message
  const isDeveloper = role === 'system' && message.isDeveloper === true
  return {
    role: isDeveloper ? 'developer' : role,
    parts: message.content.map((part) => partView(part, names)),
  }
}

function partView(part: Message['content'][number], names: ToolNames): PartView {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, sources: (part.citations ?? []).map(sourceOf) }
    case 'reasoning':
      return { type: 'reasoning', text: part.text }
    case 'media':
      return mediaView(part)
    case 'tool-call': {
      const { name, id, inputText } = part
      names.set(id, name)
      return { type: 'call', name, id, input: inputText, isProviders: false }
    }
    case 'provider-call': {
      const { name, id, input } = part
      return { type: 'call', name, id, input: jsonText(input), isProviders: true }
    }
    case 'provider-result': {
      const { name, id, isError, output } = part
      const parts: PartView[] = [{ type: 'text', text: jsonText(output), sources: [] }]
      return { type: 'result', name, id, isError, parts }
    }
    case 'tool-result': {
      const { id, isError, output } = part
      const name = part.name || (names.get(id) ?? '')
      return { type: 'result', name, id, isError, parts: output.map((part) => partView(part, names)) }
    }
  }
}

function jsonText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sourceOf({
  url = '',
  title = '',
  quote = '',
}: {
  url?: string
  title?: string
  quote?: string
}): string {
  return [title, url, quote === '' ? '' : `“${quote}”`].filter((text) => text !== '').join(' · ')
}

/** What a browser shows without running anything: no SVG, no documents. */
const shown = /^(image\/(?:png|jpeg|gif|webp|avif)|audio\/(?:wav|x-wav|mpeg|mp3|ogg|webm|mp4|aac|flac))$/i
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
/** Characters of base64. */
const mostShown = 400_000

function mediaView({ mediaType, source, name = '' }: MediaPart): MediaView {
  switch (source.type) {
    case 'base64':
      return embedded(mediaType, source.base64, name)
    case 'url': {
      const match = /^data:([^;,]*);base64,(.*)$/s.exec(source.url)
      if (match !== null) return embedded(match[1] ?? '', match[2] ?? '', name)
      return media(name, mediaType, source.url)
    }
    case 'text':
      return media(name, mediaType, `${source.text.length} characters`)
    case 'file':
      return media(name, mediaType, `file ${source.id}`)
  }
}

function embedded(mediaType: string, data: string, name: string): MediaView {
  const view = media(name, mediaType, `${Math.ceil((data.length * 3) / 4 / 1024)} kB`)
  if (!shown.test(mediaType) || data.length > mostShown || !base64.test(data)) return view
  const kind = mediaType.toLowerCase().startsWith('image/') ? 'image' : 'audio'
  return { ...view, kind, src: `data:${mediaType.toLowerCase()};base64,${data}` }
}

function media(...words: string[]): MediaView {
  return { type: 'media', label: words.filter((word) => word !== '').join(', '), kind: 'other', src: '' }
}
