/** The libraries: what their users import, and which packages come with them. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a program imports to stream a chat or run an agent, by target. */
export const libraries: Readonly<Record<string, readonly string[]>> = {
  'playhead-agent': ['@playhead/agent'],
  openai: ['openai'],
  'ai-compatible': ['ai', '@ai-sdk/openai-compatible'],
  'ai-openrouter': ['ai', '@openrouter/ai-sdk-provider'],
  'openai-agents': ['@openai/agents'],
  pi: ['@earendil-works/pi-agent-core', '@earendil-works/pi-ai/api/openai-completions'],
}

/** A package that is installed, and its dependencies with it. */
export interface Installed {
  readonly name: string
  readonly version: string
  readonly directory: string
}

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** Every package that comes with an import: the package itself, its dependencies, and peers it insists on. */
export function closure(imports: readonly string[]): Installed[] {
  const found = new Map<string, Installed>()
  const visit = (name: string, from: string): void => {
    const directory = directoryOf(name, from)
    if (found.has(directory)) return
    const manifest = manifestOf(directory)
    found.set(directory, { name, version: manifest.version, directory })
    const peers = Object.keys(manifest.peerDependencies ?? {})
    const needed = peers.filter((peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true)
    for (const next of [...Object.keys(manifest.dependencies ?? {}), ...needed]) visit(next, directory)
  }
  for (const path of imports) visit(packageOf(path), import.meta.dirname)
  return [...found.values()]
}

export const isOwn = ({ name }: Installed): boolean => name === 'playhead' || name.startsWith('@playhead/')

/** What replays or reads tapes, by package. */
const recorders = [
  'undici',
  'fetch-vcr',
  '@pollyjs/core',
  'nock',
  'msw',
  '@copilotkit/aimock',
  'js-yaml',
  'yaml',
]

/** Versions of what is measured, as installed. */
export function versions(): string[] {
  const names = new Set([...Object.values(libraries).flat().map(packageOf), ...recorders])
  return [...names]
    .filter((name) => !name.startsWith('@playhead/'))
    .map((name) => `${name} ${manifestOf(directoryOf(name, import.meta.dirname)).version}`)
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Looks where Node looks: in the `node_modules` of each folder upwards. */
function directoryOf(name: string, from: string): string {
  const directory = join(from, 'node_modules', name)
  if (existsSync(join(directory, 'package.json'))) return directory
  if (dirname(from) === from) throw new Error(`${name} is not installed`)
  return directoryOf(name, dirname(from))
}

function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
}
