/** A request or a response as it stands on the tape. */
import type { Raw } from '../page-data.ts'
import { copyButton, element, fold, longText, readText } from './dom.ts'
import { textOrJson } from './json-text.ts'

export function rawNode(request: Raw, response: Raw | null): HTMLElement {
  const shown =
    response === null
      ? [rawPart('Request', request)]
      : [rawPart('Request', request), rawPart('Response', response)]
  return element('div', { class: 'raws' }, ...shown)
}

export function rawPart(name: string, { head, headers, body, note }: Raw): HTMLElement {
  const label = [`${name} as it is on the tape `, element('small', { dir: 'auto' }, head)]
  return fold('raw', label, () => {
    const text = readText(body)
    const rows = headers.map(([key, value]) =>
      element('tr', {}, element('th', { scope: 'row' }, key), element('td', { dir: 'auto' }, value)),
    )
    const table = element('table', {}, element('tbody', {}, ...rows))
    const remark = note === '' ? [] : [element('p', { class: 'empty' }, note)]
    const content = text === '' ? [] : [copyButton(text), longText('pre', text, textOrJson)]
    return [element('p', { class: 'url', dir: 'auto' }, head), table, ...remark, ...content]
  })
}
