/** The arguments of `playhead record` and `playhead replay`. */
import { type Command, Option } from 'commander'
import { modes } from '@playhead/tape'
import { port } from './arguments.ts'
import { factor } from './factor.ts'
import type { RecordCommandOptions, ReplayCommandOptions } from './record-and-replay.ts'

export function addRecord(playhead: Command): void {
  addServerOptions(
    playhead
      .command('record')
      .description('Record what programs send through a server on this machine, in any language.')
      .requiredOption(
        '--upstream <url...>',
        'where requests go: https://openrouter.ai, or /openai=https://api.openai.com for paths that begin so; repeatable',
      )
      .requiredOption('--to <path>', 'a cassette, or a folder of those that clients name by x-playhead-tape')
      .addOption(new Option('--mode <mode>', 'when to record (default: new)').choices(modes)),
  ).action(async (options: RecordCommandOptions) => {
    const { recordCommand } = await import('./record-and-replay.ts')
    process.exitCode = await recordCommand(options)
  })
}

export function addReplay(playhead: Command): void {
  addServerOptions(
    playhead
      .command('replay')
      .description('Answer programs from cassettes through a server on this machine, in any language.')
      .argument('<path>', 'a cassette of any format, or a folder of them')
      .option('--speed <factor>', 'how fast: 0 at once, 1 as recorded (default: 0)', factor)
      .option('--faults <file>', 'what goes wrong (default: NAME.faults.json beside the cassette)'),
  ).action(async (from: string, options: ReplayCommandOptions) => {
    const { replayCommand } = await import('./record-and-replay.ts')
    process.exitCode = await replayCommand(from, options)
  })
}

function addServerOptions(command: Command): Command {
  return command
    .option('--host <address>', 'where it listens (default: 127.0.0.1, this machine only)')
    .option('--port <number>', 'on which port; 0 for one that is free (default: 4010)', port)
    .option('--json', 'one JSON object a line: its URL, then each exchange')
}
