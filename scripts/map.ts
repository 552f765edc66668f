/** Writes the lists of docs/map.md: each source file with its opening sentence. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const file = join(root, 'docs/map.md')
const marker = '`npm run map` writes them. -->\n'

/** The map as it must be. */
export function currentMap(): string {
  const text = readFileSync(file, 'utf8')
  const kept = text.slice(0, text.indexOf(marker) + marker.length)
  return kept + ['playhead', 'agent', 'gateway', 'auth', 'testing', 'wire', 'tape'].map(listPackage).join('')
}

function listPackage(name: string): string {
  const folder = `packages/${name}/src`
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((source) => source.endsWith('.ts')).toSorted()
  return `\n### ${name}\n\n${sources.map((source) => `- \`${source}\`: ${opening(`${folder}/${source}`)}\n`).join('')}`
}

/** The first sentence of the comment that a file opens with. Throws where there is none. */
function opening(source: string): string {
  const comment = /^\/\*\*[\s*]*(.*?)\s*\*\//s.exec(readFileSync(join(root, source), 'utf8'))?.[1]
  const sentence = comment?.replaceAll(/\s*\n? \*\s+/g, ' ').split(/(?<=\.)\s/, 1)[0]
  if (sentence === undefined) throw new Error(`${source} does not open with a sentence`)
  return sentence.trim().replace(/\.$/, '')
}

if (import.meta.main) writeFileSync(file, currentMap())
