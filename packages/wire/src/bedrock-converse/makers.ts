/** Who makes the models. */

const makers = [
  ['claude', /anthropic|claude/],
  ['nova', /amazon\.nova/],
  ['openai', /openai\./],
] as const

export type Maker = (typeof makers)[number][0]

/** Who made a model, where that says how it is told what all cannot be told. */
export function makerOf(model: string): Maker | undefined {
  return makers.find(([, models]) => models.test(model))?.[0]
}
