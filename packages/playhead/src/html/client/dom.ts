/** Building what is shown. All text goes in as text: nothing that came from outside is ever read as markup. */
import type { Detail, MessageView, Text } from '../page-data.ts'

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

export function svgElement(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  return made
}

/** Data that stands in the page; undefined where there is none. */
export function readData(id: string): unknown {
  const json = document.getElementById(id)?.textContent
  return typeof json === 'string' ? JSON.parse(json) : undefined
}

/** A body's text, put together again. */
export function readText(place: number): string {
  const read: Text[] = []
  let next = place
  for (;;) {
    const text = readData(`t${next}`) as Text | undefined
    if (text === undefined) return ''
    read.push(text)
    if (typeof text === 'string') break
    next = text.like
  }
  return read.reduceRight<string>((like, text) => {
    if (typeof text === 'string') return text
    return like.slice(0, text.start) + text.text + (text.end === 0 ? '' : like.slice(-text.end))
  }, '')
}

/** Messages of an interaction, from one up to another. */
export function readMessages(ranges: Detail['messages'], from: number, to: number): readonly MessageView[] {
  const places = ranges.flatMap(([first, count]) =>
    Array.from({ length: count }, (_, index) => first + index),
  )
  return places.slice(from, to).flatMap((place) => (readData(`m${place}`) as MessageView | undefined) ?? [])
}

/** What is made when it is opened first. */
export function fold(
  kind: string,
  label: readonly (Node | string)[],
  make: () => readonly Node[],
): HTMLDetailsElement {
  const made = element('details', { class: kind }, element('summary', {}, ...label))
  made.addEventListener('toggle', () => made.append(...make()), { once: true })
  return made
}

/** Text as it is; a very long one is cut until it is asked for. */
export function longText(name: 'pre' | 'div', text: string, lay: (text: string) => Node): HTMLElement {
  const most = 6000
  const made = element(name, { class: 'text', dir: 'auto' })
  if (text.length <= most * 1.25) {
    made.append(lay(text))
    return made
  }
  const more = element('button', { type: 'button', class: 'more' })
  more.textContent = `Show all ${text.length.toLocaleString('en')} characters`
  more.addEventListener('click', () => made.replaceChildren(lay(text)))
  made.append(document.createTextNode(`${text.slice(0, most)}…`), more)
  return made
}

export function plainText(text: string): Node {
  return document.createTextNode(text)
}

export function copyButton(text: string): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'copy' }, 'Copy')
  made.addEventListener('click', () => {
    const copied = navigator.clipboard.writeText(text)
    copied.then(
      () => (made.textContent = 'Copied'),
      () => (made.textContent = 'Not allowed here'),
    )
  })
  return made
}
