/** A table: a row for each measurement, a column for each target. */

export interface Row {
  readonly name: string
  readonly unit: string
  readonly goal?: Goal
  readonly cells: ReadonlyMap<string, Cell>
}

export interface Cell {
  readonly value: number
  /** To the floor of the same round. */
  readonly ratio?: number
}

/** What Playhead's targets are held to; the peers' cells carry no mark. */
export interface Goal {
  readonly text: string
  isMet(cell: Cell): boolean
}

export const atMostRatio = (limit: number): Goal => ({
  text: `≤ ${limit}×`,
  isMet: ({ ratio }) => ratio !== undefined && ratio <= limit,
})

export const atMost = (limit: number): Goal => ({ text: `≤ ${limit}`, isMet: ({ value }) => value <= limit })

/** Nothing where there are no rows. */
export function format(rows: readonly Row[], columns: readonly string[]): string {
  if (rows.length === 0) return ''
  const shown = columns.filter((column) => rows.some((row) => row.cells.has(column)))
  const lines = [
    ['', 'unit', 'goal', ...shown],
    ...rows.map((row) => [
      row.name,
      row.unit,
      row.goal?.text ?? '',
      ...shown.map((column) => cellOf(row, column)),
    ]),
  ]
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  const [head = '', ...body] = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  return [head, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body].join('\n')
}

/** How many of Playhead's cells meet their goal, and how many have one. */
export function score(rows: readonly Row[]): { readonly met: number; readonly goals: number } {
  const marks = rows.flatMap((row) => [...row.cells].map(([column, cell]) => markOf(row, column, cell)))
  return {
    met: marks.filter((mark) => mark === '✓').length,
    goals: marks.filter((mark) => mark !== '').length,
  }
}

function cellOf(row: Row, column: string): string {
  const cell = row.cells.get(column)
  if (cell === undefined) return ''
  const ratio = cell.ratio === undefined ? [] : [`${digits(cell.ratio)}×`]
  return [digits(cell.value), ...ratio, markOf(row, column, cell)].join(' ').trimEnd()
}

function markOf(row: Row, column: string, cell: Cell): '' | '✓' | '✗' {
  if (row.goal === undefined || !column.startsWith('playhead')) return ''
  return row.goal.isMet(cell) ? '✓' : '✗'
}

function digits(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)
}
