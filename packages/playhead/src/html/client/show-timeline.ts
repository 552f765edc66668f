/** When the pieces of a response came, drawn. */
import type { Timeline } from '../page-data.ts'
import { element, svgElement } from './dom.ts'

export function timelineNode({ head, end, spans, label }: Timeline): HTMLElement {
  const caption = element('figcaption', {}, label)
  if (spans.length === 0) return element('figure', { class: 'timeline' }, caption)
  const width = 600
  const height = 28
  const box = {
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  }
  const drawing = svgElement('svg', box)
  const start = (head / end) * width
  drawing.append(svgElement('rect', { class: 'wait', x: 0, y: height - 1, width: start, height: 1 }))
  drawing.append(
    svgElement('rect', { class: 'flow', x: start, y: height - 1, width: width - start, height: 1 }),
  )
  drawing.append(svgElement('rect', { class: 'head', x: Math.min(start, width - 1), y: 0, width: 1, height }))
  const most = Math.max(1, ...spans)
  const step = width / Math.max(1, spans.length)
  for (const [index, bytes] of spans.entries()) {
    if (bytes === 0) continue
    const tall = Math.max(3, Math.sqrt(bytes / most) * (height - 4))
    const at = { x: index * step + 0.5, y: height - 1 - tall, width: Math.max(1, step - 1), height: tall }
    drawing.append(svgElement('rect', { class: 'chunk', ...at }))
  }
  return element('figure', { class: 'timeline' }, drawing, caption)
}
