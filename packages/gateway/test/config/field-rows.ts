/** The tables of docs/configuration.md, of the shapes that read the file. */
import { failover, file, recording, server, telemetry, writtenLimit } from '../../src/config/fields.ts'
import { endpoint, model } from '../../src/config/model-fields.ts'
import { tier, writtenPrice } from '../../src/config/prices.ts'
import { provider, timeouts } from '../../src/config/provider-fields.ts'
import { type Field, type RecordShape, snake } from '../../src/config/shape.ts'

/** A heading of the document and the record that its table is of. */
export const sections: readonly (readonly [heading: string, rows: readonly string[]])[] = [
  ['The file', rowsOf(file)],
  ['`providers`', rowsOf(provider)],
  ['`models`', rowsOf(model)],
  ['`endpoints`', rowsOf(endpoint)],
  ['`price`', rowsOf(writtenPrice)],
  ['`tiers`', rowsOf(tier)],
  ['`limits`', rowsOf(writtenLimit)],
  ['`timeouts`', rowsOf(timeouts)],
  ['`failover`', rowsOf(failover)],
  ['`record`', rowsOf(recording)],
  ['`telemetry`', rowsOf(telemetry)],
  ['`server`', rowsOf(server)],
]

/** Cells with one space around them. */
function rowsOf<T>({ fields }: RecordShape<T>): readonly string[] {
  return Object.entries<Field<unknown>>(fields).map(
    ([name, { shape, says, otherwise }]) =>
      `| \`${snake(name)}\` | ${shape.wanted} | ${otherwise?.shown ?? 'must be there'} | ${says} |`,
  )
}
