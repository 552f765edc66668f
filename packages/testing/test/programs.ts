/** Test files that are run in a process of their own, as somebody runs theirs. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../../..')

/** A folder in which packages are found as in this one; gone when its test is over. */
export function newProject(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-testing-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

export function write(folder: string, path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** Instead of a network: what a chat model answers, and counts. */
const network = `
let count = 0
globalThis.fetch = async (input, init) => {
  count += 1
  const asked = JSON.parse(init.body).messages.at(-1).content
  const message = { role: 'assistant', content: asked === 'What is 2 + 3? Give the number alone.' ? '5' : asked }
  const usage = { prompt_tokens: 20, completion_tokens: 1, total_tokens: 21, cost: 0.00002 }
  const body = { id: 'a', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, finish_reason: 'stop', message }], usage }
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
}
process.on('exit', () => console.log('network calls: ' + count))
`

/** With a network or without one, and variables of the environment. */
export interface Circumstances {
  readonly online?: boolean
  readonly CI?: string
  readonly PLAYHEAD_MODE?: string
  readonly WORDS?: string
  readonly OPTIONS?: string
}

export interface Ran {
  readonly output: string
  readonly isPassed: boolean
}

/** Runs a test file, with a network that answers or with none. */
export function run(file: string, { online = false, ...environment }: Circumstances = {}): Ran {
  const folder = dirname(file)
  const imports = online ? ['--import', pathToFileURL(write(folder, 'network.mjs', network)).href] : []
  const { NODE_TEST_CONTEXT: _, CI: __, PLAYHEAD_MODE: ___, ...inherited } = process.env
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...imports, '--test', '--test-isolation=none', '--test-reporter=tap', file],
    { cwd: folder, env: { ...inherited, ...environment }, encoding: 'utf8', timeout: 60_000 },
  )
  return { output: stdout + stderr, isPassed: status === 0 }
}

/** What lies in a project's folder of tapes. */
export function tapesIn(folder: string): readonly string[] {
  const tapes = join(folder, '__tapes__')
  if (!existsSync(tapes)) return []
  const files = readdirSync(tapes, { recursive: true, encoding: 'utf8' })
  return files.filter((name) => name.includes('.jsonl')).toSorted()
}
