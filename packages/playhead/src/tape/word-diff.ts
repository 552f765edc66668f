/** How one text differs from another, word by word, short enough for a line. */

/** Words that stay, that went and that came. */
export interface Run {
  readonly type: 'same' | 'old' | 'new'
  readonly text: string
}

/** Above so many words on a side, a change is one of the whole. */
const mostWords = 1500
/** Words that stay on each side of a change. */
const context = 4

export function wordDiff(before: string, after: string): readonly Run[] {
  const [left, right] = [words(before), words(after)]
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1
  let end = 0
  const shorter = Math.min(left.length, right.length) - start
  while (end < shorter && left.at(-1 - end) === right.at(-1 - end)) end += 1
  const middle = changes(left.slice(start, left.length - end), right.slice(start, right.length - end))
  const runs: Run[] = [
    { type: 'same', text: left.slice(0, start).join('') },
    ...middle,
    { type: 'same', text: end === 0 ? '' : left.slice(-end).join('') },
  ]
  const joined = join(runs.filter(({ text }) => text !== ''))
  return joined.map((run, index) =>
    shorten(run, { isFirst: index === 0, isLast: index === joined.length - 1 }),
  )
}

/** `the sum is [-5-]{+6+}`, as git has it. */
export function runsAsText(runs: readonly Run[]): string {
  return runs.map(({ type, text }) => marks[type](text)).join('')
}

const marks: Readonly<Record<Run['type'], (text: string) => string>> = {
  same: (text) => text,
  old: (text) => `[-${text}-]`,
  new: (text) => `{+${text}+}`,
}

/** Words and what stands between them. */
function words(text: string): readonly string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []
}

function changes(left: readonly string[], right: readonly string[]): readonly Run[] {
  if (Math.max(left.length, right.length) > mostWords) {
    return [
      { type: 'old', text: left.join('') },
      { type: 'new', text: right.join('') },
    ]
  }
  const width = right.length + 1
  const longest = new Uint16Array((left.length + 1) * width)
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const runs: Run[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      runs.push({ type: 'same', text: left[i++] ?? '' })
      j += 1
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) {
      runs.push({ type: 'old', text: left[i++] ?? '' })
    } else runs.push({ type: 'new', text: right[j++] ?? '' })
  }
  return runs
}

/** Runs of one type are one; a space alone between two changes belongs to both. */
function join(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = []
  let [old, added] = ['', '']
  const flush = (): void => {
    if (old !== '') joined.push({ type: 'old', text: old })
    if (added !== '') joined.push({ type: 'new', text: added })
    old = added = ''
  }
  for (const [index, { type, text }] of runs.entries()) {
    const next = runs[index + 1]?.type
    if (type === 'old') old += text
    else if (type === 'new') added += text
    else if (/^\s+$/.test(text) && (old !== '' || added !== '') && next !== undefined && next !== 'same') {
      old += text
      added += text
    } else {
      flush()
      const last = joined.at(-1)
      if (last?.type === 'same') joined[joined.length - 1] = { type, text: last.text + text }
      else joined.push({ type, text })
    }
  }
  flush()
  return joined
}

function shorten({ type, text }: Run, place: { readonly isFirst: boolean; readonly isLast: boolean }): Run {
  const all = words(text)
  if (type !== 'same') {
    return { type, text: all.length > 60 ? `${all.slice(0, 60).join('')}…` : text }
  }
  const kept = 2 * context
  if (all.length <= 2 * kept + 2) return { type, text }
  const start = place.isFirst ? '' : all.slice(0, kept).join('')
  const end = place.isLast ? '' : all.slice(-kept).join('')
  return { type, text: `${start}…${end}` }
}
