/** Writes a cassette anew without its secrets. */
import { writeGoVcrFile } from '../cassette-file.ts'
import type { Cassette } from '../cassette.ts'
import { yamlV4Style } from '../go-vcr/format.ts'
import { writeNativeTape } from '../native/copy.ts'
import type { Redaction } from '../redaction.ts'
import { scrub } from './scrub.ts'

/**
 * Writes a cassette to a file, which it replaces: a go-vcr cassette with nothing changed but the secrets, every other one
 * as a native tape, its notes redacted too. Throws a TapeError where it cannot be written.
 */
export async function scrubCassette(cassette: Cassette, redaction: Redaction, file: string): Promise<void> {
  if (cassette.format === 'go-vcr') {
    const interactions = Array.from(cassette, (one) => scrub(one, redaction).interaction)
    return writeGoVcrFile(file, { style: cassette.about.yaml ?? yamlV4Style, interactions })
  }
  await writeNativeTape(file, cassette, {
    rewrite: (interaction) => scrub(interaction, redaction).interaction,
    rewriteLine: (text) => String(redaction.exchange('', []).body(text, jsonHeaders)),
  })
}

const jsonHeaders = [['Content-Type', 'application/json']] as const
