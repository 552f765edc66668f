/** Local servers and folders to record with; each is gone when its test is over. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A test, or a file of them: at its end, what was made for it goes. */
export interface Scope {
  after(release: () => void): void
}

/** Starts a server and gives its URL, without a slash at the end. */
export async function serve(t: Scope, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The same for a server that answers each connection with these bytes and hangs up. */
export async function serveRaw(t: Scope, answer: string): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createSocketServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer))
  })
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What cassettes are called that can be recorded: their format goes by it. */
export const cassetteNames = ['cassette.yaml', 'cassette.tape.jsonl'] as const

/** A new folder, and a path of a cassette in it that is not there yet. */
export function newCassette(t: Scope, name: string = cassetteNames[0]): string {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-tape-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** What lies beside a cassette, itself included. */
export function filesBeside(cassette: string): readonly string[] {
  return readdirSync(join(cassette, '..')).toSorted()
}

/** Something that a test waits for and another part of it says. */
export function signalOnce(): { readonly said: Promise<void>; readonly say: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { said: promise, say: resolve }
}
