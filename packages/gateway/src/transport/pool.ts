/** The connections to one origin that wait for their next exchange. */
import { Connection, type Carried, type Keeper } from './connection.ts'
import type { Way } from './origin.ts'

export interface PoolOptions {
  /** How many may wait. */
  readonly mostIdle: number
  /** Milliseconds that one waits whose server does not say how long it does. */
  readonly idleTimeout: number
}

/** The connection that was used last is used first, so that those that are not needed grow old and are closed. */
export class Pool implements Keeper {
  readonly way: Way
  readonly #options: PoolOptions
  readonly #idle: Connection[] = []
  #sweep: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(way: Way, options: PoolOptions) {
    this.way = way
    this.#options = options
  }

  /** One that stands already; null where none does. */
  take(carried: Carried): Connection | null {
    const now = performance.now()
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.expiresAt > now) {
        connection.carry(carried)
        return connection
      }
      connection.destroy()
    }
    return null
  }

  /** A new one; `carried` is told when it stands. */
  open(carried: Carried, timeout: number): Connection {
    return new Connection(this.way, timeout, carried, this)
  }

  keep(connection: Connection, time: number | null): boolean {
    if (this.#isClosed || this.#idle.length >= this.#options.mostIdle) return false
    connection.expiresAt = performance.now() + Math.min(time ?? this.#options.idleTimeout, longestIdle)
    this.#idle.push(connection)
    this.#sweep ??= setInterval(() => this.#closeExpired(), sweepTime).unref()
    return true
  }

  forget(connection: Connection): void {
    const place = this.#idle.lastIndexOf(connection)
    if (place !== -1) this.#idle.splice(place, 1)
  }

  /** Nothing waits here any more; what is under way goes on. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
    this.#stopSweep()
  }

  #closeExpired(): void {
    const now = performance.now()
    const expired = this.#idle.filter((connection) => connection.expiresAt <= now)
    for (const connection of expired) {
      this.forget(connection)
      connection.destroy()
    }
    if (this.#idle.length === 0) this.#stopSweep()
  }

  #stopSweep(): void {
    if (this.#sweep !== null) clearInterval(this.#sweep)
    this.#sweep = null
  }
}

/** Milliseconds, whatever a server promises. */
const longestIdle = 600_000
const sweepTime = 1000
