/** A process that records streams without end, side by side, and says which ones are on the tape; to be killed. */
import { writeSync } from 'node:fs'
import { toHeaderList } from '../src/http.ts'
import { ask, openJournal } from './native-tape.ts'

const [file = '', base = '', seed = '0'] = process.argv.slice(2)
const journal = await openJournal(file)
let count = 0

/** One exchange after the other; each is told only when its caller would see the end. */
async function record(): Promise<void> {
  for (;;) {
    const name = `${seed}-${count++}`
    const request = { ...ask(`${'the same start '.repeat(100)}${name}`), url: `${base}/${name}` }
    const started = performance.now()
    const time = () => performance.now() - started
    const id = journal.begin(request, Date.now())
    const { status, statusText, headers, body } = await fetch(request.url)
    journal.head(id, { status, statusText, headers: toHeaderList(headers), duration: time() })
    for await (const bytes of body ?? []) journal.chunk(id, bytes, time())
    journal.end(id, { type: 'end', at: time() })
    if (journal.problem !== null) throw journal.problem
    writeSync(1, `${id} ${name}\n`)
  }
}

await Promise.all([record(), record(), record(), record()])
