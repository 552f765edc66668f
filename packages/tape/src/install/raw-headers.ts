/** Headers as Node keeps them: names and values in turns. */
import type { HeaderList } from '../interaction.ts'

export function pairsOf(raw: readonly string[]): HeaderList {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
}
