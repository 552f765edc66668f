/** Size: "one streamed chat" as one minified file, and the packages that come with an install. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { closure, isOwn, libraries } from './libraries.ts'
import { atMost, type Cell, type Row } from './table.ts'
import type { Fetch } from './targets/target.ts'
import { Server, textAnswer } from './traffic.ts'

/** What each file in chats/ exports as `chat`. */
export type Chat = (fetch: Fetch, onText: (text: string) => void) => Promise<void>

export async function measureBundles(targets: readonly string[]): Promise<Row[]> {
  const cells = new Map<string, Cell>()
  for (const target of targets) {
    if (target !== 'floor' && libraries[target] === undefined) continue
    cells.set(target, { value: await bundle(target) })
  }
  return [{ name: 'Bundle of one streamed chat, gzip', unit: 'kB', goal: atMost(12), cells }]
}

export function countPackages(targets: readonly string[]): Row[] {
  const cells = targets.flatMap((target) => {
    const imports = libraries[target]
    if (imports === undefined) return []
    return [[target, { value: closure(imports).filter((installed) => !isOwn(installed)).length }] as const]
  })
  return [{ name: 'Third-party packages installed', unit: '', goal: atMost(3), cells: new Map(cells) }]
}

/** Builds a bundle, chats with it, and gives its compressed size in kB. */
async function bundle(target: string): Promise<number> {
  const { build } = await import('esbuild')
  const outfile = join(import.meta.dirname, 'results', 'bundles', `${target}.mjs`)
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'chats', `${target}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // CommonJS inside an ES module still asks for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
    write: false,
  })
  const file = outputFiles[0]
  assert(file, 'No bundle')
  await check(target, file.contents, outfile)
  return gzipSync(file.contents, { level: 9 }).length / 1000
}

async function check(target: string, contents: Uint8Array, outfile: string): Promise<void> {
  const { mkdirSync, writeFileSync } = await import('node:fs')
  mkdirSync(join(outfile, '..'), { recursive: true })
  writeFileSync(outfile, contents)
  const { chat } = (await import(pathToFileURL(outfile).href)) as { readonly chat: Chat }
  const { answer, texts } = textAnswer(100)
  let text = ''
  await chat(new Server([answer]).fetch, (delta) => {
    text += delta
  })
  assert.equal(text, texts.join(''), `The bundle of ${target} loses text`)
}
