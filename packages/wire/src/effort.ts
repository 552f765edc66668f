/** An effort for a budget, for dialects and providers that only know efforts. */

/** The most tokens that each effort stands for; what is beyond is `high`. */
const budgets = { none: 0, low: 2048, medium: 8192 }

/** The effort that is nearest to what a budget allows. */
export function effortOf(budget: number): string {
  return Object.entries(budgets).find(([, most]) => budget <= most)?.[0] ?? 'high'
}
