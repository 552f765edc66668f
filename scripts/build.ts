/** Builds the publishable packages: each `packages/NAME/dist` is one, ready for `npm pack` or `npm publish`. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** As much of a package.json as changes on its way to the registry. */
interface Manifest {
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
}

const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
for (const folder of packages) rmSync(join(folder, 'dist'), { recursive: true, force: true })
execFileSync(
  join(root, 'node_modules/.bin/tsc'),
  ['-b', '--force', '--emitDeclarationOnly', 'packages/playhead', 'packages/testing', 'packages/gateway'],
  { cwd: root, stdio: 'inherit' },
)
for (const folder of packages) await finish(folder)

/** Puts beside the declarations what a package needs. */
async function finish(folder: string): Promise<void> {
  const dist = join(folder, 'dist')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  await compile(folder, sourcesOf(manifest))
  if (manifest.bin !== undefined) cpSync(join(folder, 'bin'), join(dist, 'bin'), { recursive: true })
  if (existsSync(join(folder, 'tapes')))
    cpSync(join(folder, 'tapes'), join(dist, 'tapes'), { recursive: true })
  cpSync(join(folder, 'README.md'), join(dist, 'README.md'))
  cpSync(join(root, 'LICENSE'), join(dist, 'LICENSE'))
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`)
}

/** One file for each entry, and one for each part that is loaded when first needed: a file more is time at every start. */
async function compile(folder: string, entries: readonly string[]): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [...entries],
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    splitting: true,
    packages: 'external',
    external: ['#*'],
    format: 'esm',
    platform: 'neutral',
    target: 'node22.19',
    logLevel: 'warning',
    write: false,
  })
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, inLatin1(text))
  }
}

/**
 * V8 keeps the source of all functions, two bytes a character as soon as one character needs them. In strings esbuild has
 * escaped those; what is left stands in comments and patterns.
 */
function inLatin1(source: string): string {
  return source.replaceAll(
    /[^\0-\xff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sourcesOf({ exports = {}, imports = {} }: Manifest): string[] {
  return [...Object.values(exports), ...Object.values(imports)].filter((path) => path.endsWith('.ts'))
}

/** A manifest whose entries are the compiled files. */
function published({ private: _private, exports, imports, ...rest }: Manifest): object {
  return {
    ...rest,
    ...(exports !== undefined && { exports: mapValues(exports, withTypes) }),
    ...(imports !== undefined && { imports: mapValues(imports, compiled) }),
    files: ['**/*.js', '**/*.d.ts', 'tapes'],
    engines: { node: '>=22.19' },
  }
}

function mapValues(entries: Readonly<Record<string, string>>, map: (value: string) => unknown): object {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, map(value)]))
}

function withTypes(source: string): object {
  return { types: compiled(source).replace(/\.js$/, '.d.ts'), default: compiled(source) }
}

/** `./src/index.ts` is `./index.js` in `dist`. */
function compiled(source: string): string {
  return source.replace('./src/', './').replace(/\.ts$/, '.js')
}
