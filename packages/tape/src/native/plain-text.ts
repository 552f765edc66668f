/**
 * The text of the `chunk` lines of one exchange, all of which hold nothing but text; undefined where one may hold more, or
 * is written in another way. What stands between the quotes of each is parsed as one text: a parse of every line costs
 * more. A quote without a backslash before it is in no text, so that what is taken out stands between two of them.
 */
export function plainText(lines: string): string | undefined {
  const [start] = firstStart.exec(lines) ?? []
  if (start === undefined || !lines.endsWith(end)) return undefined
  const quoted = lines.slice(start.length - 1, 1 - end.length).replaceAll(starts, '')
  try {
    return JSON.parse(quoted) as string
  } catch {
    // Another field stands beside a text.
    return undefined
  }
}

const end = '"}\n'
const firstStart = /^\{"type":"chunk","id":\d+,"at":[\d.]+,"text":"/
const starts = /"\}\n\{"type":"chunk","id":\d+,"at":[\d.]+,"text":"/g
