/** Loads the agent that a file exports. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Agent } from '@playhead/agent'
import { messageOf, UsageError } from './exit.ts'

export interface LoadedAgent {
  readonly agent: Agent
  /** What to ask when nothing else is said: the file's export `prompt`. */
  readonly prompt: string | undefined
}

/** Throws a UsageError when the file is not there, does not load, or does not export one agent. */
export async function loadAgent(file: string): Promise<LoadedAgent> {
  const path = resolve(file)
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`)
  if (statSync(path).isDirectory()) throw new UsageError(`${file}: it is a folder, not a module`)
  const exported = await load(path, file)
  const { prompt } = exported
  return { agent: onlyAgent(exported, file), prompt: typeof prompt === 'string' ? prompt : undefined }
}

async function load(path: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new UsageError(`${file}: it does not load: ${messageOf(error)}${placeOf(error, path)}`, {
      cause: error,
    })
  }
}

/** The line of the file that threw, from the error's stack. */
function placeOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const start = stack.indexOf(path)
  const place = start === -1 ? null : /^:\d+(:\d+)?/.exec(stack.slice(start + path.length))
  return place === null ? '' : ` (line ${place[0].slice(1)})`
}

function onlyAgent(exported: Readonly<Record<string, unknown>>, file: string): Agent {
  if (isAgent(exported['default'])) return exported['default']
  const agents = Object.entries(exported).filter((entry): entry is [string, Agent] => isAgent(entry[1]))
  const [first, ...others] = agents
  if (first === undefined)
    throw new UsageError(`${file}: it exports no agent: export const name = agent({ … })`)
  if (others.length === 0) return first[1]
  const names = agents.map(([name]) => name).join(', ')
  throw new UsageError(`${file}: it exports several agents (${names}): make one of them the default export`)
}

/** By shape: the file may have an installation of its own. */
function isAgent(value: unknown): value is Agent {
  return (
    typeof value === 'object' && value !== null && 'type' in value && value.type === 'agent' && 'run' in value
  )
}
