/** The least that a gateway does: `node:http`, a key compared, the request's JSON rewritten, undici, the tokens added up. */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [upstream = ''] = process.argv.slice(2)
const pool = new Pool(upstream, { connections: 256 })
let tokens = 0

const server = createServer((request, response) => {
  if (request.headers.authorization !== 'Bearer sk-bench') {
    response.writeHead(401).end()
    return
  }
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>
    const rewritten = JSON.stringify({ ...body, model: 'moonshotai/kimi-k2-0905' })
    let tail = ''
    pool.stream(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' },
        body: rewritten,
      },
      ({ statusCode, headers }) => {
        response.writeHead(statusCode, { 'content-type': headers['content-type'] ?? '' })
        response.on('pipe', (source) =>
          source.on('data', (piece: Buffer) => {
            tail = piece.toString('latin1', Math.max(0, piece.length - 2000))
          }),
        )
        return response
      },
      (error) => {
        tokens += Number(/"completion_tokens":(\d+)/.exec(tail)?.[1] ?? 0)
        if (error !== null) response.destroy(error)
      },
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : null }))
})
