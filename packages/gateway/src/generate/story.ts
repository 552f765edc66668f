/** Why a generation went where it went: what `playhead explain` tells beside its attempts. */
import type { Question } from '../question.ts'
import type { Exclusion, Route } from '../route/route.ts'

/** As the ledger keeps it, in JSON. */
export interface Story {
  readonly strategy: string
  /** What was asked for, then the fallbacks. */
  readonly models: readonly string[]
  /** In the order in which they were to be tried. */
  readonly candidates: readonly {
    readonly endpoint: string
    readonly provider: string
    readonly weight: number | null
    readonly note: string | null
  }[]
  readonly exclusions: readonly Exclusion[]
}

/** `exclusions`: of the route, and those that followed. */
export function storyOf(
  { models }: Question,
  { strategy, candidates }: Route,
  exclusions: readonly Exclusion[],
): string {
  const story: Story = {
    strategy,
    models,
    candidates: candidates.map(({ endpoint, weight, note }) => ({
      endpoint: endpoint.id,
      provider: endpoint.provider.name,
      weight,
      note,
    })),
    exclusions,
  }
  return JSON.stringify(story)
}
