/** Links of the documents lead somewhere, and those of a package do not lead out of it: it is published without the rest. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)
const documents = ['.', 'docs', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

for (const file of [...documents, ...packages]) {
  test(file, () => {
    for (const [, link = ''] of textOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue
      const [path = '', anchor] = link.split('#')
      assert.ok(!file.startsWith('packages/') || !path.startsWith('..'), link)
      const target = path === '' ? file : join(dirname(file), path)
      assert.ok(existsSync(join(root, target)), link)
      assert.ok(anchor === undefined || anchorsIn(textOf(target)).includes(anchor), link)
    }
  })
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}
