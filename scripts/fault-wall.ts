/** Runs the fault wall: against Playhead, or with `--url` against any gateway that speaks OpenAI's chat completions. */
import { writeFile } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { renderPage, renderRow, score } from '../packages/gateway/test/wall/render-wall.ts'
import { runWall, type WallRow, type WallTarget } from '../packages/gateway/test/wall/run-wall.ts'
import { startUpstream } from '../packages/gateway/test/upstream.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string', default: 'none' },
    model: { type: 'string', default: 'wall' },
    ports: { type: 'string', default: '9101,9102' },
    patience: { type: 'string', default: '30' },
    pause: { type: 'string', default: '0' },
    body: { type: 'string', default: '{}' },
    header: { type: 'string', multiple: true, default: [] },
    account: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

const show = (row: WallRow): void => console.log(renderRow(row))
const rows = values.url === undefined ? await runOurs() : await runOther(values.url)
console.log(score(rows))
if (values.write) await writeFile(new URL('../docs/fault-wall.md', import.meta.url), renderPage(rows))
process.exitCode = rows.some(({ verdict }) => verdict === 'fail') ? 1 : 0

async function runOurs(): Promise<readonly WallRow[]> {
  const { startWall } = await import('../packages/gateway/test/wall/before-playhead.ts')
  await using wall = await startWall()
  return await runWall(wall.target, wall.upstreams, show)
}

async function runOther(baseUrl: string): Promise<readonly WallRow[]> {
  const [first, second] = values.ports.split(',').map(Number)
  await using primary = await startUpstream(first)
  await using fallback = await startUpstream(second)
  console.log(`primary:  ${primary.baseUrl}\nfallback: ${fallback.baseUrl}\n`)
  const pause = Number(values.pause) * 1000
  const target: WallTarget = {
    baseUrl: baseUrl.replace(/\/$/, ''),
    key: values.key,
    patience: Number(values.patience) * 1000,
    model: () => values.model,
    body: JSON.parse(values.body) as object,
    headers: Object.fromEntries(values.header.map(headerOf)),
    hasAccount: values.account,
    ...(pause > 0 && { rest: () => after(pause) }),
  }
  return await runWall(target, { primary, fallback }, show)
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
