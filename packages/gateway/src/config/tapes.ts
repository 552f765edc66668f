/** The cassettes that every installation has: the gateway answers before it has a key. */
import { fileURLToPath } from 'node:url'

/** By what clients ask for behind `tape/`: an agent with two tools whose first step succeeds, and one whose second meets a 429. */
export function builtInTapes(): ReadonlyMap<string, string> {
  return new Map([
    ['calculator', fileURLToPath(import.meta.resolve('#tapes/calculator.yaml'))],
    ['calculator-retry', fileURLToPath(import.meta.resolve('#tapes/calculator-retry.yaml'))],
  ])
}
