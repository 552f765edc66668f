/** Shows the fault wall: on a terminal, and as a page of the documentation. */
import type { Form } from './ask.ts'
import type { WallRow } from './run-wall.ts'

/** One line for a row, and one for each form that is not as it must be. */
export function renderRow({ fault, results, verdict }: WallRow): string {
  const problems = results.flatMap(({ form, problem }) =>
    problem === null ? [] : [`       ${form}: ${problem.replaceAll(/\s*\n\s*/g, ' ')}`],
  )
  return [`${verdict.padEnd(5)}  ${fault.name}`, ...problems].join('\n')
}

/** `16 of 16`; rows that need an account count only where there is one. */
export function score(rows: readonly WallRow[]): string {
  const counted = rows.filter(({ verdict }) => verdict !== 'n/a')
  return `${counted.filter(({ verdict }) => verdict === 'pass').length} of ${counted.length}`
}

/** `docs/fault-wall.md`. */
export function renderPage(rows: readonly WallRow[]): string {
  const table = renderTable([
    ['Fault', 'What must be seen', 'JSON', 'Stream'],
    ...rows.map((row) => [row.fault.name, row.fault.expects, cell(row, 'json'), cell(row, 'stream')]),
  ])
  return `${opening}\n\n${table}\n\n**${score(rows)}.**\n\n${closing}\n`
}

function cell({ results, verdict }: WallRow, form: Form): string {
  const result = results.find((result) => result.form === form)
  if (result === undefined) return verdict === 'n/a' ? 'n/a' : ''
  return result.problem === null ? 'pass' : 'fail'
}

/** As the formatter has it: columns under each other. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...rows.slice(1)]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n')
}

const opening = `# The fault wall

What becomes of a request when a provider fails. Each row is played by two real servers, a primary and a fallback, that
answer from the seeds' recordings, with the gateway before them and a client that reads what comes. A row passes when the
client saw just what the table says, the providers were asked as often as it says, and the ledger agrees: provider,
tokens, price and every attempt. This page is written by \`npm run fault-wall -- --write\`; a test demands every row.`

const closing = `## Another gateway

\`\`\`
npm run fault-wall -- --url http://127.0.0.1:8080/v1 --key KEY --model MODEL --ports 9101,9102
\`\`\`

The wall starts its two providers on those ports, \`http://127.0.0.1:9101/v1\` (the primary) and
\`http://127.0.0.1:9102/v1\` (the fallback); both speak OpenAI's chat completions and take any key. Let the gateway serve
the model from the first and fall back to the second, and give it short timeouts, or the wall more patience
(\`--patience 60\`, in seconds). \`--pause 30\` waits between rows, for a gateway that leaves a failed provider alone for a
while; \`--body '{"provider":{"order":["a","b"]}}'\` adds fields to each request, and
\`--header 'name: value'\` a header. What is about the account counts only with
\`--account\`, for a gateway that has OpenRouter's \`GET /generation\`.`
