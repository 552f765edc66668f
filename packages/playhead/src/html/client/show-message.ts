/** A message, as what was said. */
import type { MediaView, MessageView, PartView } from '../page-data.ts'
import { element, fold, longText, plainText } from './dom.ts'
import { textOrJson } from './json-text.ts'

export function messageNode({ role, parts }: MessageView, kind: string): HTMLElement {
  const shown = parts.map((part) => partNode(part, role === 'tool'))
  const content = shown.length === 0 ? [element('p', { class: 'empty' }, 'says nothing')] : shown
  return element(
    'section',
    { class: `message ${role} ${kind}` },
    element('h3', {}, role),
    element('div', { class: 'parts' }, ...content),
  )
}

export function partNode(part: PartView, isData: boolean): HTMLElement {
  switch (part.type) {
    case 'text': {
      const text = isData ? longText('pre', part.text, textOrJson) : longText('div', part.text, plainText)
      if (part.sources.length === 0) return text
      const sources = part.sources.map((source) => element('li', { dir: 'auto' }, source))
      return element('div', {}, text, element('ol', { class: 'sources' }, ...sources))
    }
    case 'reasoning': {
      if (part.text === '')
        return element('p', { class: 'empty' }, 'reasoning that the provider keeps to itself')
      const count = `${part.text.length.toLocaleString('en')} characters`
      const label = ['Reasoning ', element('small', {}, count)]
      return fold('reasoning', label, () => [longText('div', part.text, plainText)])
    }
    case 'call': {
      const by = part.isProviders ? ' run by the provider' : ''
      const label = [element('code', {}, part.name), element('small', {}, ` ${part.id}${by}`)]
      const head = element('p', { class: 'tool' }, element('b', {}, 'call '), ...label)
      return element('div', { class: 'call' }, head, longText('pre', part.input, textOrJson))
    }
    case 'result': {
      const label = [element('code', {}, part.name), element('small', {}, ` ${part.id}`)]
      const word = element('b', {}, part.isError ? 'error ' : 'result ')
      const head = element('p', { class: 'tool' }, word, ...label)
      const shown = part.parts.map((output) => partNode(output, true))
      return element('div', { class: part.isError ? 'result error' : 'result' }, head, ...shown)
    }
    case 'media':
      return mediaNode(part)
  }
}

/** Only what `src` says is safe to show gets there. */
export function mediaNode({ kind, label, src }: MediaView): HTMLElement {
  const caption = element('figcaption', { dir: 'auto' }, label)
  if (kind === 'image')
    return element('figure', {}, element('img', { src, alt: label, loading: 'lazy' }), caption)
  if (kind === 'audio') return element('figure', {}, element('audio', { src, controls: '' }), caption)
  return element('figure', {}, caption)
}
