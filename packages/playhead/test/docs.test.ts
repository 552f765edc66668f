/** docs/cli.md says all that the command can do: every command, every option. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { playhead, root } from './command.ts'

const docs = readFileSync(join(root, 'docs/cli.md'), 'utf8')
const commands: readonly (readonly string[])[] = [
  ...['run', 'record', 'replay', 'providers', 'models'].map((name) => [name]),
  ...['serve', 'ledger', 'explain', 'doctor'].map((name) => [name]),
  ...['create', 'list', 'revoke'].map((name) => ['keys', name]),
  ['ledger', 'verify'],
  ...['inspect', 'check', 'convert', 'diff', 'scrub', 'cut', 'merge', 'from'].map((name) => ['tape', name]),
]

/** The text of a command's section, up to the next one. */
function sectionOf(command: readonly string[]): string {
  const [, section = ''] = docs.split(new RegExp(`^##+ \`playhead ${command.join(' ')}\\b`, 'm'))
  return section.split(/^## |^### `/m)[0] ?? ''
}

describe('docs/cli.md', { concurrency: 2 }, () => {
  for (const command of commands) {
    test(command.join(' '), async () => {
      const { code, stdout } = await playhead([...command, '--help'])
      assert.equal(code, 0)
      const section =
        command[0] === 'replay' ? sectionOf(['record']) + sectionOf(command) : sectionOf(command)
      const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option)
      for (const option of options.filter((one) => one !== '--help'))
        assert.ok(
          section.includes(`\`${option}`) || section.includes(` ${option} `),
          `${command.join(' ')} ${option}`,
        )
    })
  }

  test('there are no others', async () => {
    for (const level of [[], ['tape'], ['keys'], ['ledger']]) {
      const { stdout } = await playhead([...level, '--help'])
      const [, list = ''] = stdout.split('Commands:\n')
      const names = [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name)
      const known = commands
        .filter((one) => one.length === level.length + 1 && level.every((name, index) => one[index] === name))
        .map((one) => one.at(-1))
      const groups = new Set(['help', 'tape', 'keys'])
      assert.deepEqual(new Set(names.filter((name) => !groups.has(name))), new Set(known))
    }
  })
})
