/** Who makes the models. */

export type Maker = 'claude' | 'amazon.nova' | 'openai.'

/** Whose a model is, by a word of its name, where that says how it is told what not all are told. */
export function makerOf(model: string): Maker | undefined {
  return /claude|amazon\.nova|openai\./.exec(model)?.[0] as Maker | undefined
}
