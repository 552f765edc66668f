/** What the variables of proxies say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originOf } from '../../src/transport/origin.ts'
import { ProxyError, proxiesOf, proxyFor } from '../../src/transport/proxy.ts'

const proxy = 'http://proxy:3128'

function isDirect(said: string, url: string): boolean {
  const found = proxiesOf({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: said })
  assert.ok(found !== null)
  return proxyFor(originOf(new URL(url)), found) === null
}

const direct: readonly (readonly [said: string, direct: readonly string[], proxied: readonly string[]])[] = [
  [
    '',
    ['https://localhost', 'http://localhost:1', 'https://a.localhost', 'https://localhost.'],
    ['https://a.com'],
  ],
  ['', ['http://127.0.0.1', 'http://127.8.8.8', 'http://[::1]', 'http://0.0.0.0', 'http://[::]'], []],
  ['', ['http://[::ffff:127.0.0.1]', 'http://0x7f.1'], ['http://10.0.0.1', 'http://128.0.0.1']],
  ['*', ['https://a.com', 'http://10.0.0.1', 'https://[2606::1]'], []],
  ['b.com, *', ['https://a.com'], []],
  [
    'a.com',
    ['https://a.com', 'https://A.com.', 'https://x.y.a.com'],
    ['https://ba.com', 'https://a.com.b.com'],
  ],
  ['.a.com', ['https://a.com', 'https://x.a.com'], ['https://ba.com']],
  ['*.a.com', ['https://a.com', 'https://x.a.com'], ['https://ba.com']],
  ['A.Com.', ['https://a.com'], ['https://b.com']],
  ['b.com,a.com', ['https://a.com', 'https://b.com'], ['https://c.com']],
  [' b.com  a.com,, c.com ', ['https://a.com', 'https://b.com', 'https://c.com'], ['https://d.com']],
  ['a.com:443', ['https://a.com', 'https://x.a.com'], ['http://a.com', 'https://a.com:444']],
  ['a.com:80', ['http://a.com'], ['https://a.com']],
  ['10.0.0.1', ['http://10.0.0.1', 'https://10.0.0.1:99'], ['http://10.0.0.2', 'http://110.0.0.1']],
  ['10.0.0.1:8000', ['http://10.0.0.1:8000'], ['http://10.0.0.1']],
  ['10.0.0.0/8', ['http://10.1.2.3'], ['http://11.0.0.1', 'http://a.com', 'http://[2606::1]']],
  ['10.0.0.0/0', ['http://8.8.8.8'], []],
  ['10.0.0.0/33,10.0.0.0/x', [], ['http://10.0.0.0']],
  ['2606::1', ['http://[2606::1]', 'http://[2606:0::1]:99'], ['http://[2606::2]', 'http://10.0.0.1']],
  ['[2606::1]', ['http://[2606::1]'], []],
  ['[2606::1]:99', ['http://[2606::1]:99'], ['http://[2606::1]']],
  ['2606::/16', ['http://[2606:1::9]'], ['http://[2607::1]']],
  ['.', [], ['http://a.com']],
]
for (const [said, directly, proxied] of direct) {
  test(`NO_PROXY=${JSON.stringify(said)} with ${[...directly, ...proxied].join(' ')}`, () => {
    for (const url of directly) assert.equal(isDirect(said, url), true, url)
    for (const url of proxied) assert.equal(isDirect(said, url), false, url)
  })
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const named: readonly (readonly [
  said: string,
  name: string,
  port: number,
  isSecure: boolean,
  authorization: string | null,
])[] = [
  ['http://proxy:3128', 'proxy:3128', 3128, false, null],
  ['http://proxy', 'proxy', 80, false, null],
  ['https://proxy/', 'proxy', 443, true, null],
  ['proxy:3128', 'proxy:3128', 3128, false, null],
  ['al:pass@proxy:3128', 'proxy:3128', 3128, false, basic('al:pass')],
  [' HTTP://al@Proxy:3128 ', 'proxy:3128', 3128, false, basic('al:')],
  ['http://corp%5Cal:p%40%C3%A4%3A@proxy', 'proxy', 80, false, basic(String.raw`corp\al:p@ä:`)],
  ['http://al:100%@proxy', 'proxy', 80, false, basic('al:100%')],
  ['http://[::1]:3128', '[::1]:3128', 3128, false, null],
]
for (const [said, name, port, isSecure, authorization] of named) {
  test(`a proxy is named by ${JSON.stringify(said)}`, () => {
    const { secure } = proxiesOf({ HTTPS_PROXY: said }) ?? {}
    const hostname = name.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
    assert.deepEqual(secure, { name, hostname, port, isSecure, authorization })
  })
}

/** Of https, of http, and who is reached directly. */
function names(environment: Readonly<Record<string, string>>): unknown {
  const found = proxiesOf(environment)
  return found === null ? null : [found.secure?.name ?? null, found.plain?.name ?? null, found.direct]
}

test('lower case goes before upper case, each scheme has its own, and nothing is no proxy', () => {
  assert.equal(names({}), null)
  assert.equal(names({ HTTPS_PROXY: '', HTTP_PROXY: ' ', NO_PROXY: 'a.com' }), null)
  assert.equal(names({ https_proxy: '', HTTPS_PROXY: 'upper' }), null)
  assert.deepEqual(names({ https_proxy: 'lower', HTTPS_PROXY: 'upper' }), ['lower', null, []])
  assert.deepEqual(names({ HTTP_PROXY: 'upper' }), [null, 'upper', []])
  const both = { http_proxy: 'a', HTTPS_PROXY: 'b', no_proxy: 'c.com', NO_PROXY: 'd.com' }
  assert.deepEqual(names(both), ['b', 'a', ['c.com']])
})

test('what names no proxy is an error that does not say it again', () => {
  for (const said of [
    'socks5://al:secret@proxy',
    'http://',
    'http://secret proxy',
    'http://al:secret@:1',
    'secret:x',
  ])
    for (const variable of ['HTTPS_PROXY', 'HTTP_PROXY'])
      assert.throws(
        () => proxiesOf({ [variable]: said }),
        (error) =>
          error instanceof ProxyError &&
          error.message.startsWith(variable) &&
          !error.message.includes('secret'),
        said,
      )
})
