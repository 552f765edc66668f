/** Runs the command `playhead` as a user does: as a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

/** The repository: the command runs there, so that paths in what it says are short. */
export const root = join(import.meta.dirname, '../../..')
export const calculator = 'examples/calculator/calculator.ts'
export const retryTape = 'examples/calculator/retry.yaml'
export const basetenTape = 'examples/calculator/baseten.yaml'

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

export interface Settings {
  /** Variables besides those that a process needs. */
  readonly env?: Readonly<Record<string, string>>
  /** What stands on standard input. */
  readonly input?: string
}

/** What a process said and how it ended. */
export interface Ended {
  /** The exit code, or the name of the signal. */
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Compiled sources, kept for the next process: each starts in a third of the time. */
const compileCache = mkdtempSync(join(tmpdir(), 'playhead-compiled-'))
process.once('exit', () => rmSync(compileCache, { recursive: true, force: true }))

/** Starts it. A process that hangs is killed after a while, and its test fails. */
export function start(args: readonly string[], { env = {}, input = '' }: Settings = {}): Child {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const child = spawn(process.execPath, ['packages/playhead/bin/playhead.js', ...args], {
    cwd: root,
    env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return child
}

/** Waits for its end. */
export async function ended(child: Child): Promise<Ended> {
  const code = new Promise<Ended['code']>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  )
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

export function playhead(args: readonly string[], settings?: Settings): Promise<Ended> {
  return ended(start(args, settings))
}

/** Each line as JSON. Throws for one that is none. */
export function jsonLines(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}

/** A test, or a suite: at its end, what was made for it goes. */
export interface Scope {
  after(release: () => void): void
}

/** A folder of its own for a test. */
export function newFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-command-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file into a folder of its own and gives its path. */
export function newFile(t: Scope, name: string, content: string | Uint8Array): string {
  const file = join(newFolder(t), name)
  writeFileSync(file, content)
  return file
}

/** Puts the imports of an agent's file before its text. */
export function withImports(source: string): string {
  const agent = pathToFileURL(join(root, 'packages/agent/src/index.ts')).href
  const example = pathToFileURL(join(root, calculator)).href
  return `import { agent, custom, openrouter, tool } from '${agent}'
import { calculator, prompt as question } from '${example}'
${source}`
}
