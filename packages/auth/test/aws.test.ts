/** Signatures: beside a second implementation, which is held to the vectors that AWS published. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { authorize } from '../src/index.ts'
import { bedrock } from '../../wire/src/hosts.ts'

interface Signed {
  readonly url: string
  readonly method?: string
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
  readonly date: string
  readonly scope: string
  readonly secret: string
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** The signature over these headers, written from the specification alone. */
function signatureOf({ url, method = 'POST', body = '', headers, date, scope, secret }: Signed): string {
  const { pathname } = new URL(url)
  const names = Object.keys(headers).toSorted()
  const canonical = [
    method,
    // Encoded once more, segment for segment, as for every service but S3.
    pathname.split('/').map(encodeURIComponent).join('/'),
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha(body),
  ].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`)
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n')).toString('hex')
}

const accessKeyId = 'AKIDEXAMPLE'
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const date = '20150830T123600Z'
const now = (): number => Date.UTC(2015, 7, 30, 12, 36, 0, 999)

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html */
for (const [name, method, signature] of [
  ['get-vanilla', 'GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
] as const) {
  test(`the second implementation agrees with AWS on ${name}`, () => {
    const headers = { host: 'example.amazonaws.com', 'x-amz-date': date }
    const scope = '20150830/us-east-1/service/aws4_request'
    const url = 'https://example.amazonaws.com/'
    assert.equal(signatureOf({ url, method, headers, date, scope, secret }), signature)
  })
}

const variables = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secret }

for (const [sentence, url, scope, more] of [
  [
    'a model id with a percent-encoded colon',
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-2-lite-v1%3A0/converse-stream',
    'us-east-1/bedrock',
    {},
  ],
  [
    'a model id with a bare colon',
    'https://bedrock-runtime.eu-central-1.amazonaws.com/model/us.amazon.nova-2-lite-v1:0/converse',
    'eu-central-1/bedrock',
    {},
  ],
  [
    'an ARN',
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprofile%2Fp/converse',
    'us-east-1/bedrock',
    {},
  ],
  [
    'temporary credentials',
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse',
    'us-east-1/bedrock',
    { AWS_SESSION_TOKEN: 'session/token==' },
  ],
  [
    'the newer endpoint, which has a name of its own',
    'https://bedrock-mantle.us-west-2.api.aws/v1/responses',
    'us-west-2/bedrock-mantle',
    {},
  ],
  [
    'a private endpoint',
    'https://vpce-1-2.bedrock-runtime.us-east-1.vpce.amazonaws.com/model/m/converse',
    'us-east-1/bedrock',
    {},
  ],
  [
    'the list of models',
    'https://bedrock.us-east-1.amazonaws.com/foundation-models',
    'us-east-1/bedrock',
    { AWS_REGION: 'eu-west-1' },
  ],
  [
    'a proxy, with the region of the environment',
    'http://localhost:4000/model/m/converse',
    'ap-south-1/bedrock',
    { AWS_REGION: 'ap-south-1' },
  ],
] as const) {
  test(`it signs ${sentence}`, async () => {
    const body = '{"messages":[{"role":"user","content":[{"text":"Olá 🦋"}]}]}'
    const environment: Record<string, string> = { ...variables, ...more }
    const { authorization = '', ...headers } = await authorize(bedrock, { environment, now })({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const token = environment['AWS_SESSION_TOKEN']
    const amz = { 'x-amz-date': date, ...(token !== undefined && { 'x-amz-security-token': token }) }
    const signedHeaders = { host: new URL(url).host, ...amz }
    const whole = `20150830/${scope}/aws4_request`
    const signature = signatureOf({ url, body, headers: signedHeaders, date, scope: whole, secret })
    const names = Object.keys(signedHeaders).toSorted().join(';')
    assert.equal(
      authorization,
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${whole}, SignedHeaders=${names}, Signature=${signature}`,
    )
    assert.deepEqual(headers, amz)
  })
}

test('a signature is made anew for each attempt', async () => {
  let time = now()
  const sign = authorize(bedrock, { environment: variables, now: () => time })
  const request = {
    url: 'https://bedrock-runtime.us-east-1.amazonaws.com/',
    method: 'POST',
    headers: {},
    body: '',
  }
  const first = await sign(request)
  time += 60_000
  const second = await sign(request)
  assert.equal(second['x-amz-date'], '20150830T123700Z')
  assert.notEqual(first['authorization'], second['authorization'])
})

test('what is no region is not shown, nor signed for', async () => {
  const sign = authorize(bedrock, { environment: { ...variables, AWS_REGION: 'us-east-1\n' }, now })
  await assert.rejects(sign({ url: 'http://localhost:4000/', method: 'POST', headers: {}, body: '' }), {
    name: 'AuthError',
    code: 'invalid',
    message: 'What AWS_REGION says is no region',
  })
})

test('a region that nobody names is asked for', async () => {
  const sign = authorize(bedrock, { environment: variables, now })
  await assert.rejects(sign({ url: 'http://localhost:4000/', method: 'POST', headers: {}, body: '' }), {
    name: 'AuthError',
    code: 'missing',
    message: /set AWS_REGION/,
  })
})
