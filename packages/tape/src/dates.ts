/** Dates and times of day in texts, as programs write them. */

const month =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'
const weekday = '(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?'
const day = '(?:0?[1-9]|[12]\\d|3[01])'
const year = '(?:19|20)\\d{2}'
/** `Intl` writes a narrow space before AM. */
const half = '(?:[ \\u202f][ap]\\.?m\\.?|[ap]m)'
const clock = `\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?:${half})?`
/** The name in brackets is JavaScript's. */
const zone =
  '(?: ?(?:z|utc|gmt|ut|[acemp][ds]t|[cew]es?t|[bijm]st|msk)\\b)?(?: ?[+-]\\d{2}:?\\d{2})?(?: \\([a-z .]{1,60}\\))?'
const then = `(?:(?:t|,? (?:at )?)${clock}${zone})?`

const forms = [
  // ISO 8601 and SQL.
  `${weekday}${year}([-/])(?:0[1-9]|1[0-2])\\1(?:0[1-9]|[12]\\d|3[01])${then}`,
  // ISO 8601, basic.
  `${year}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])t\\d{6}(?:\\.\\d{1,9})?z?`,
  // RFC 2822 and HTTP.
  `${weekday}${day}[ -]${month},?[ -]${year}${then}`,
  // asctime and date(1), where the year comes last.
  `${weekday}${month} {1,2}${day} ${clock}(?: [a-z]{3,4})? ${year}`,
  // What people write, and JavaScript's.
  `${weekday}${month} ${day}(?:st|nd|rd|th)?,? ${year}${then}`,
  // `Intl` in English.
  `${weekday}${day}[/.]${day}[/.]${year}${then}`,
  // A time alone is one when it has seconds, or half of a day.
  `(?<!:)\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?(?:${half})?${zone}|${half})`,
]

/** What stands behind a hyphen or within a word is a version: `gpt-4o-2024-08-06`. */
const anyDate = new RegExp(`(?<![\\w./-]|\\d:)(?:${forms.join('|')})(?![\\w/-]|[.:]\\d)`, 'gi')

/** A text with `<date>` in the place of each date, and of each time of day. */
export function withoutDates(text: string): string {
  return /\d/.test(text) ? text.replaceAll(anyDate, '<date>') : text
}
