/** How generations of Gemini differ in what they take. Names that are not known are taken for new ones. */

/** Gemini up to 2.5 and Gemma: no thinking level, no media in function responses, no signatures that are checked. */
export function isOldModel(model: string): boolean {
  return /gemini-([12]\b|robotics)|gemma|learnlm/.test(model)
}
