/** Reads a body's text from its lines at once, where all of them are as Playhead writes text. */

/**
 * The text of an exchange's `chunk` lines, all of which hold nothing but text; undefined where one may hold more, or is
 * written in another way. What stands between the quotes of each is parsed as one text: a parse of every line costs more.
 */
export function plainText(lines: string, id: number): string | undefined {
  const start = `{"type":"chunk","id":${id},"at":`
  let quoted = '"'
  for (let from = 0; from < lines.length;) {
    const newline = lines.indexOf('\n', from)
    const to = newline === -1 ? lines.length : newline
    const comma = lines.indexOf(',', from + start.length)
    if (!lines.startsWith(start, from) || !lines.startsWith(',"text":"', comma) || !lines.endsWith('"}', to))
      return undefined
    quoted += lines.slice(comma + ',"text":"'.length, to - '"}'.length)
    from = to + 1
  }
  try {
    return JSON.parse(`${quoted}"`) as string
  } catch {
    // Another field stands behind a text.
    return undefined
  }
}
