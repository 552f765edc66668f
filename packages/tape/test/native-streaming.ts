/** A process that records a body of so many megabytes and reads it again, and says how much memory that took. */
import { createHash } from 'node:crypto'
import { openNativeTape } from '../src/native/read.ts'
import { writeNativeTape } from '../src/native/copy.ts'
import { ask, openJournal } from './native-tape.ts'

const [file = '', megabytes = '1'] = process.argv.slice(2)
const piece = Buffer.alloc(2 ** 16, 'a piece of "text"\n')
const sent = createHash('sha256')
const received = createHash('sha256')
const before = process.resourceUsage().maxRSS

const journal = await openJournal(file)
const id = journal.begin(ask('large'), 0)
journal.head(id, { status: 200, statusText: 'OK', headers: [], duration: 1 })
for (let count = 0; count < Number(megabytes) * 16; count++) {
  piece.writeUInt32LE(count % 1e6)
  journal.chunk(id, piece, count)
  sent.update(piece)
  if (count % 4 === 0) await new Promise(setImmediate)
}
journal.end(id, { type: 'end', at: 1e9 })
await journal.close()

using tape = openNativeTape(file)
let pieces = 0
for (const { bytes } of tape.piecesAt(0)) {
  received.update(bytes)
  pieces++
}
const { status } = tape.at(0).response ?? {}
const size = tape.sizeAt(0)
await writeNativeTape(`${file}.copy`, tape)
const memory = (process.resourceUsage().maxRSS - before) / 1024
const isSame = received.digest('hex') === sent.digest('hex')
const body = tape.at(0).response
let whole: unknown
try {
  whole = body?.body.length
} catch (error) {
  whole = error instanceof Error && 'code' in error ? error.code : error
}
console.log(JSON.stringify({ pieces, status, size, isSame, memory, whole }))
