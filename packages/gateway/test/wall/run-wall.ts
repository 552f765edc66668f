/** Runs the fault wall against a gateway, whatever its make: all that it needs is its URL and two upstreams behind it. */
import { AssertionError } from 'node:assert'
import type { Recorded } from '../recorded.ts'
import { readSeeds } from '../recorded.ts'
import type { Upstream } from '../upstream.ts'
import { ask, type Form, type Seen, type Target } from './ask.ts'
import { type Account, type Fault, faults, type Scene } from './faults.ts'

/** A gateway under test. It has to try the primary first and then the fallback. */
export interface WallTarget extends Target {
  /** What to ask for: a name of its own for each fault and form keeps what one did to the gateway from the next. */
  readonly model: (fault: Fault, form: Form) => string
  /** Further fields of each request: how this gateway is told the order. */
  readonly body: object
  /** Whether it has OpenRouter's `GET /generation`. */
  readonly hasAccount: boolean
  /** Waits before a fault begins: a gateway may leave a provider alone for a while after the one before. */
  readonly rest?: () => Promise<void>
}

/** The providers behind it. */
export interface WallUpstreams {
  readonly primary: Upstream
  readonly fallback: Upstream
}

/** How one fault went. */
export interface WallRow {
  readonly fault: Fault
  /** By form: null where all is as it must be, else what is not. */
  readonly results: readonly { readonly form: Form; readonly problem: string | null }[]
  /** `n/a`: it is about the account, and there is none. */
  readonly verdict: 'pass' | 'fail' | 'n/a'
}

/** Runs every fault in every form, one after the other. */
export async function runWall(
  target: WallTarget,
  upstreams: WallUpstreams,
  onRow: (row: WallRow) => void = () => {},
): Promise<readonly WallRow[]> {
  const { text } = await readSeeds()
  const answers = { primary: text.chutes, fallback: text.baseten }
  const rows: WallRow[] = []
  for (const fault of faults) {
    const row = await runFault(fault, target, upstreams, answers)
    rows.push(row)
    onRow(row)
  }
  return rows
}

async function runFault(
  fault: Fault,
  target: WallTarget,
  upstreams: WallUpstreams,
  answers: Readonly<Record<'primary' | 'fallback', Recorded>>,
): Promise<WallRow> {
  if (fault.needsAccount && !target.hasAccount) return { fault, results: [], verdict: 'n/a' }
  const results: WallRow['results'][number][] = []
  for (const form of fault.forms) {
    await target.rest?.()
    // One that is used again and breaks may just have grown old, which whoever sends makes good by itself.
    for (const upstream of Object.values(upstreams) as Upstream[]) upstream.closeIdle()
    const model = target.model(fault, form)
    const scene: Scene = {
      form,
      ...upstreams,
      answers,
      ask: (more = {}) => ask(target, form, { ...question, model, ...target.body, ...more }),
      account: async (seen) => (target.hasAccount ? accountOf(target, seen) : null),
    }
    results.push({ form, problem: await problemOf(fault, scene) })
  }
  return { fault, results, verdict: results.every(({ problem }) => problem === null) ? 'pass' : 'fail' }
}

const question = { messages: [{ role: 'user', content: 'Add and multiply 2 and 3' }], max_tokens: 4000 }

async function problemOf(fault: Fault, scene: Scene): Promise<string | null> {
  try {
    await fault.check(scene)
    return null
  } catch (error) {
    if (error instanceof AssertionError) return error.message
    throw error
  }
}

/** Asks until the generation is closed: an account may be a moment behind the answer. */
async function accountOf({ baseUrl, key }: Target, { id }: Seen): Promise<Account | null> {
  for (let turn = 0; turn < 100; turn += 1) {
    const response = await fetch(`${baseUrl}/generation?id=${encodeURIComponent(id)}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const text = await response.text()
    const account = response.ok ? readAccount(text) : null
    if (account !== null) return account
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new AssertionError({ message: `the account knows nothing of the generation "${id}"` })
}

interface Wire {
  readonly data: {
    readonly provider_name: string | null
    readonly tokens_prompt: number | null
    readonly tokens_completion: number | null
    readonly provider_responses: readonly { readonly status: number | null }[] | null
    readonly finish_reason: string | null
  }
}

function readAccount(text: string): Account | null {
  const { data } = JSON.parse(text) as Wire
  if (data.provider_responses === null) return null
  return {
    provider: data.provider_name,
    inputTokens: data.tokens_prompt ?? 0,
    outputTokens: data.tokens_completion ?? 0,
    cost: /"total_cost"\s*:\s*"?([-+.\deE]+)/.exec(text)?.[1] ?? '0',
    attempts: data.provider_responses.map(({ status }) => status),
  }
}
