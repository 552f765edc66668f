/** Comma-separated values that a spreadsheet can open safely. */

/** One line, with its break: RFC 4180, but for the line break, which is a line feed alone. */
export function csvLine(cells: readonly (string | number | bigint | null)[]): string {
  return `${cells.map(cell).join(',')}\n`
}

function cell(value: string | number | bigint | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = isFormula(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * Spreadsheets run what begins so, and names of models are the clients' own text. A plain amount is none.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function isFormula(value: string): boolean {
  return /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value)
}
