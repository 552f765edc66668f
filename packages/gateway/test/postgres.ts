/** A Postgres of one's own: started for tests, gone after them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

export interface Postgres {
  /** Of a database that is empty. */
  readonly url: string
  /** Makes another one and gives its URL. */
  createDatabase(): Promise<string>
}

/**
 * Starts a server from the programs in `PLAYHEAD_POSTGRES`, or the newest of Debian's. Null where there are none: the
 * test is to be skipped. It stops when the test is over, also when the test's process is killed.
 */
export async function startPostgres(test: {
  after(stop: () => Promise<void>): void
}): Promise<Postgres | null> {
  const programs = findPrograms()
  if (programs === null) return null
  const user = otherUser()
  const folder = await mkdtemp(join(tmpdir(), 'playhead-postgres-'))
  if (user !== null) await chown(folder, user, -1)
  const port = await freePort()
  // The shell ends the server when its standard input ends: with this process, however that dies.
  const script = `
    "$1/initdb" -D "$2/data" -U playhead --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 > "$2/log" 2>&1 &&
    { "$1/postgres" -D "$2/data" -k "$2" -h 127.0.0.1 -p "$3" -c fsync=off -c max_connections=200 >> "$2/log" 2>&1 & }
    server=$!
    cat > "$2/stop"
    kill -INT $server; wait $server; rm -rf "$2"`
  const shell = spawn('/bin/sh', ['-c', script, 'sh', programs, folder, String(port)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(user === null ? {} : { uid: user }),
  })
  test.after(async () => {
    shell.stdin.end()
    if (shell.exitCode === null) await once(shell, 'exit')
  })
  const server = `postgres://playhead@127.0.0.1:${port}`
  await answering(`${server}/postgres`, join(folder, 'log'))
  let count = 0
  const createDatabase = async (): Promise<string> => {
    const name = `test_${++count}`
    await ask(`${server}/postgres`, `create database ${name}`)
    return `${server}/${name}`
  }
  return { url: await createDatabase(), createDatabase }
}

/** Asks a database something, on a connection of its own. */
export async function ask(url: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url })
  // A connection that is cut from outside also says so here.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text)
    return rows
  } finally {
    await client.end()
  }
}

function findPrograms(): string | null {
  const named = process.env['PLAYHEAD_POSTGRES']
  if (named !== undefined) return existsSync(join(named, 'initdb')) ? named : null
  const debian = '/usr/lib/postgresql'
  if (!existsSync(debian)) return null
  const folders = readdirSync(debian)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(debian, version, 'bin'))
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/** Postgres does not run as root: somebody else must be it. */
function otherUser(): number | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = ['postgres', 'nobody'].map((name) => users.find(([user]) => user === name))
  return Number(found.find((user) => user !== undefined)?.[2])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}

async function answering(url: string, log: string): Promise<void> {
  const end = performance.now() + 60_000
  for (;;) {
    try {
      await ask(url, 'select 1')
      return
    } catch (error) {
      if (performance.now() > end) {
        const said = existsSync(log) ? readFileSync(log, 'utf8') : ''
        throw new Error(`Postgres does not start. Its log:\n${said}`, { cause: error })
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
