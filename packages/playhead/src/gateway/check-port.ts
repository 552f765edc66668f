/** Checks that a gateway can listen where it is to. */
import { createServer } from 'node:net'
import type { Configuration } from '@playhead/gateway/admin'
import { messageOf } from '../exit.ts'
import { type Check, fine, wrong } from './check.ts'

/** The port of clients and, where there is one, that of admins. */
export function checkPorts({ host, port, adminPort }: Configuration): Promise<Check[]> {
  const ports = adminPort === null ? [port] : [port, adminPort]
  return Promise.all(ports.map((each) => checkPort(host, each)))
}

/** One that answers there already is fine too. */
async function checkPort(host: string, port: number): Promise<Check> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return fine('port', port === 0 ? 'any that is free' : `${host}:${port} is free`)
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken) return wrong('port', `${host}:${port}: ${messageOf(error)}`)
    return (await isGateway(host, port))
      ? fine('port', `a gateway answers at ${host}:${port}`)
      : wrong('port', `${host}:${port} is taken by another program: end it, or set another port`)
  } finally {
    server.close()
  }
}

async function isGateway(host: string, port: number): Promise<boolean> {
  const place = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return fetch(`http://${place}:${port}/health`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}
