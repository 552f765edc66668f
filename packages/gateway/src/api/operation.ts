/** An operation: one thing that can be asked of the gateway over HTTP, and who may ask it. */
import type { Dialect } from '@playhead/wire'
import type { Context } from '../context.ts'
import type { Incoming } from '../incoming.ts'
import { HttpError } from '../http-error.ts'
import type { KeyRecord } from '../store/store.ts'
import type { KeyCache } from './key-cache.ts'

/**
 * Who may.
 * - `anyone`: without a key.
 * - `local`: whoever reaches a listener of this machine only, without a proxy between; else an admin.
 * - `key`: whoever has a key; what it gives is about that key, and about all for an admin's.
 * - `asker`: whoever has a key that may ask models, which an admin's may not.
 * - `admin`: an admin.
 */
export type Policy = 'anyone' | 'local' | 'key' | 'asker' | 'admin'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export type Operation = DataOperation | QuestionOperation

interface Described {
  readonly method: Method
  /**
   * Below each of its prefixes, without a slash before it. `{hash}` stands for one segment, `{model}` for a model's name,
   * slashes and all.
   */
  readonly pattern: string
  readonly prefixes: readonly string[]
  readonly who: Policy
  /** In whose words errors are told. */
  readonly dialect: Dialect
  /** For the OpenAPI document. */
  readonly summary: string
  readonly query?: Readonly<Record<string, string>>
}

/** One that the gateway answers from what it knows. */
export interface DataOperation extends Described {
  readonly type: 'data'
  answer(call: Call): Answer | Promise<Answer>
}

/** A model is asked, in the operation's dialect. */
export interface QuestionOperation extends Described {
  readonly type: 'question'
}

/** One operation being asked for. */
export interface Call {
  readonly context: Context
  readonly keys: KeyCache
  readonly incoming: Incoming
  /** By the names in the pattern, decoded. */
  readonly parameters: Readonly<Record<string, string>>
  /** Null where no key was needed. */
  readonly who: KeyRecord | null
  readonly requestId: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Who asks, where the policy lets nobody in without a key. */
export function holderOf({ who }: Call): KeyRecord {
  if (who === null) throw new HttpError(401, 'auth', 'A key is needed')
  return who
}
