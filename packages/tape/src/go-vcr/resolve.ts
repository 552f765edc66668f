/** Which texts YAML would take for something else than text, were they not quoted. */

/** The words of Go's `resolve` table, and YAML 1.1's booleans and merge key, which Go still quotes. */
const words: ReadonlySet<string> = new Set(
  [
    ['', '~', 'null', 'Null', 'NULL', '<<'],
    ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'],
    ['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF'],
    ['+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
    ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'],
    ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'],
  ].flat(),
)

const longestWord = 5

const numberStart = /^[-+.\d]/
const integer = /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/
/** Behind a leading point, Go's `ParseFloat` sees the underscores too, and takes them between digits only. */
const pointFloat = /^\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?$/
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
/** A number in base 60, as YAML 1.1 has it: "190:20:30". */
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/
/** A date, or a date and a time, in the forms that Go accepts. */
const timestamp =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?$/

/**
 * Whether a plain scalar of this text would be a null, a boolean, a number or a date, so that the text
 * itself needs quotes. Follows `resolve`, `isBase60Float` and `isOldBool` of Go's yaml.v3 and yaml.v4.
 */
export function isNotText(plain: string): boolean {
  // A long text would be hashed as a whole.
  if (plain.length <= longestWord && words.has(plain)) return true
  if (!numberStart.test(plain)) return false
  const digits = plain.replaceAll('_', '')
  if (plain.startsWith('.')) return pointFloat.test(plain) && isFloat(digits)
  return isInteger(digits) || isFloat(digits) || base60.test(plain) || isTimestamp(plain)
}

/** An integer of 64 bits; a longer decimal one is a float, a longer one in another base is text. */
function isInteger(digits: string): boolean {
  if (digits.length > 100 || !integer.test(digits)) return false
  const negative = digits.startsWith('-')
  const unsigned = digits.replace(/^[-+]/, '').replace(/^0(?=\d)/, '0o')
  const limit = negative ? 1n << 63n : digits.startsWith('+') ? (1n << 63n) - 1n : (1n << 64n) - 1n
  return BigInt(unsigned) <= limit
}

/** Go's `ParseFloat` fails where the number is too large for a double, and then the text stays text. */
function isFloat(digits: string): boolean {
  return float.test(digits) && Number.isFinite(Number(digits))
}

function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text)
  if (match === null) return false
  const [year = 0, month = 0, day = 0, ...times] = match.slice(1).map((part) => Number(part ?? 0))
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth) return false
  const limits = [24, 60, 60, 24, 60, 60]
  return times.every((part, position) => part < (limits[position] ?? 0))
}
