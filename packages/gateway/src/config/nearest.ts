/** The known name that a mistyped one was meant to be. */

/** The nearest of the known names; null where none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  const short = name.slice(0, 40).toLowerCase()
  const [best] = known
    .map((one) => ({ one, distance: distanceOf(short, one.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.one.length / 3)) ? best.one : null
}

/** How many letters must be put in, taken out, changed, or change places with the next. */
function distanceOf(a: string, b: string): number {
  let before: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
