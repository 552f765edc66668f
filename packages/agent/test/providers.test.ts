/** Models: their keys, their headers and where they are spoken to. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { inspect } from 'node:util'
import { agent, AgentError, custom, type Model, model, openai, openrouter, redirect } from '../src/index.ts'
import { failureOf, plainModel, refuses, says, script, type SentRequest } from './servers.ts'

const variables = ['OPENROUTER_API_KEY', 'OPENAI_API_KEY'] as const
const before = variables.map((name) => process.env[name])

beforeEach(() => {
  for (const name of variables) delete process.env[name]
})

afterEach(() => {
  for (const [index, name] of variables.entries()) {
    const value = before[index]
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

/** The one request of a run. */
async function sentBy(model: Model): Promise<SentRequest> {
  const server = script(says({ text: 'Done' }))
  await agent({ model }).run('Go', { fetch: server.fetch }).result
  const [request] = server.requests
  assert.ok(request !== undefined)
  return request
}

function headersOf({ init }: SentRequest): Record<string, string> {
  return Object.fromEntries(new Headers(init.headers))
}

for (const [make, variable] of [
  [openrouter, 'OPENROUTER_API_KEY'],
  [openai, 'OPENAI_API_KEY'],
] as const) {
  test(`${make.name}: without a key and a fetch of its own, a run says which variable is wanted`, async () => {
    const error = await failureOf(agent({ model: make('m') }).run('Go').result)
    assert.equal(error.code, 'key')
    assert.equal(error.message, `No key for ${make.name}: set ${variable}`)
  })

  test(`${make.name}: an empty key is none`, async () => {
    process.env[variable] = ''
    assert.equal((await failureOf(agent({ model: make('m') }).run('Go').result)).code, 'key')
  })

  test(`${make.name}: the key of the environment is read when the run starts`, async () => {
    const made = make('m')
    process.env[variable] = 'sk-late'
    assert.equal(headersOf(await sentBy(made))['authorization'], 'Bearer sk-late')
  })

  test(`${make.name}: a key that is given comes before the environment's`, async () => {
    process.env[variable] = 'sk-environment'
    assert.equal(
      headersOf(await sentBy(make('m', { apiKey: 'sk-given' })))['authorization'],
      'Bearer sk-given',
    )
  })

  test(`${make.name}: a model is no place where the environment's key can be read`, () => {
    process.env[variable] = 'sk-secret'
    assert.ok(!JSON.stringify(make('m')).includes('sk-secret'))
  })
}

test('with a fetch of its own, a run needs no key and sends none', async () => {
  assert.equal(headersOf(await sentBy(openrouter('m')))['authorization'], undefined)
})

test('a server that is not known needs no key', async () => {
  assert.equal(headersOf(await sentBy(plainModel))['authorization'], undefined)
})

test('a 401 without a key says which variable is wanted', async () => {
  const run = agent({ model: openrouter('m') }).run('Go', { fetch: script(refuses(401)).fetch })
  const error = await failureOf(run.result)
  assert.equal(error.code, 'model')
  assert.match(error.message, /: status 401\. No key for openrouter: set OPENROUTER_API_KEY$/)
})

for (const key of [
  'sk-secret\n',
  'sk-secret\r\nx: y',
  ' sk-secret',
  'sk secret',
  'sk-secrét',
  'sk-secret\0',
]) {
  test(`the key ${JSON.stringify(key)} is refused and never shown`, async () => {
    const server = script()
    const given = openrouter('m', { apiKey: key })
    const errors = [await failureOf(agent({ model: given }).run('Go', { fetch: server.fetch }).result)]
    if (!key.includes('\0')) {
      process.env['OPENROUTER_API_KEY'] = key
      errors.push(
        await failureOf(agent({ model: openrouter('m') }).run('Go', { fetch: server.fetch }).result),
      )
      errors.push(await failureOf(agent({ model: openrouter('m') }).run('Go').result))
    }
    for (const error of errors) {
      assert.equal(error.code, 'key')
      assert.match(error.message, /apiKey|OPENROUTER_API_KEY/)
      assert.ok(!inspect(error, { depth: 9 }).match(/secr/), inspect(error))
    }
    assert.equal(server.requests.length, 0)
  })
}

test('headers go with every request, and replace those of the same name in any case', async () => {
  const headers = { 'X-Title': 'Test', Authorization: 'Basic abc', 'User-Agent': 'mine' }
  const sent = headersOf(await sentBy(openrouter('m', { apiKey: 'sk-x', headers })))
  assert.equal(sent['x-title'], 'Test')
  assert.equal(sent['authorization'], 'Basic abc')
  assert.equal(sent['user-agent'], 'mine')
  assert.equal(sent['content-type'], 'application/json')
})

for (const [headers, name] of [
  [{ authorization: 'Bearer secret\nx' }, 'authorization'],
  [{ 'x-key': 'secrét€' }, 'x-key'],
  [{ 'no name': 'secret' }, 'no name'],
] as const) {
  test(`a header that cannot be sent is refused by name (${name}), without what it says`, () => {
    assert.throws(
      () => custom('m', { baseUrl: 'http://model.test', headers }),
      (error) => {
        assert.ok(error instanceof AgentError)
        assert.equal(error.code, 'configuration')
        assert.ok(error.message.includes(`"${name}"`), error.message)
        assert.ok(!inspect(error).includes('secr'), inspect(error))
        return true
      },
    )
  })
}

for (const baseUrl of [
  '',
  'model.test/v1',
  'localhost:8080',
  'ftp://model.test',
  'file:///etc/passwd',
  'http://',
  '/v1',
  'http://model.test/v1?version=1',
  'http://model.test/v1#part',
  'http://name:secret@model.test/v1',
  'http://secret@model.test/v1',
]) {
  test(`the base URL ${JSON.stringify(baseUrl)} is refused`, () => {
    for (const make of [
      () => custom('m', { baseUrl }),
      () => openrouter('m', { baseUrl }),
      () => redirect(plainModel, { baseUrl }),
    ]) {
      assert.throws(make, (error) => {
        assert.ok(error instanceof AgentError)
        assert.equal(error.code, 'configuration')
        assert.match(error.message, /base URL/)
        assert.ok(!inspect(error, { depth: 9 }).includes('secret'), inspect(error))
        return true
      })
    }
  })
}

for (const [baseUrl, url] of [
  ['http://model.test/v1', 'http://model.test/v1/chat/completions'],
  ['http://model.test/v1/', 'http://model.test/v1/chat/completions'],
  ['http://model.test//', 'http://model.test/chat/completions'],
  ['http://model.test', 'http://model.test/chat/completions'],
  ['HTTPS://Model.test/V1', 'https://model.test/V1/chat/completions'],
  [' http://model.test/v1\n', 'http://model.test/v1/chat/completions'],
  ['http://[::1]:8080/v1', 'http://[::1]:8080/v1/chat/completions'],
] as const) {
  test(`the base URL ${JSON.stringify(baseUrl)} leads to ${url}`, async () => {
    assert.equal((await sentBy(custom('m', { baseUrl }))).url, url)
  })
}

test('a model is named by provider and name', () => {
  const named = model('openrouter/moonshotai/kimi-k2-0905', { apiKey: 'sk-x' })
  assert.equal(named.provider.name, 'openrouter')
  assert.equal(named.name, 'moonshotai/kimi-k2-0905')
  assert.equal(named.apiKey, 'sk-x')
  assert.equal(model('openai/gpt-5-mini').provider.name, 'openai')
})

for (const reference of [
  'x/y',
  'moonshotai/kimi-k2-0905',
  'gpt-5',
  '',
  '/',
  '/m',
  'OpenAI/m',
  '__proto__/m',
  'constructor/m',
]) {
  test(`the model ${JSON.stringify(reference)} is refused with the providers that there are`, () => {
    assert.throws(() => model(reference), {
      name: 'AgentError',
      code: 'configuration',
      message: new RegExp(
        `^"${reference}" is not provider/name with one of these providers: anthropic, azure, .*, zai$`,
      ),
    })
  })
}

for (const name of ['', undefined, null, 5]) {
  test(`${String(name) || 'an empty text'} is no name of a model`, () => {
    assert.throws(() => openrouter(name as string), { code: 'configuration', message: /has no name/ })
  })
}

test('a provider without a name of a model is refused', () => {
  assert.throws(() => model('openai/'), { code: 'configuration', message: /has no name/ })
})

test('an agent without a model is refused', () => {
  for (const given of [undefined, null, 'openai/gpt-5', {}]) {
    assert.throws(() => agent({ model: given as Model }), {
      code: 'configuration',
      message: /needs a model/,
    })
  }
})

test('redirect speaks to the same model elsewhere', async () => {
  const { url, body } = await sentBy(
    redirect(openrouter('m', { models: ['n'] }), { baseUrl: 'http://gateway.test/v1' }),
  )
  assert.equal(url, 'http://gateway.test/v1/chat/completions')
  assert.equal(body['model'], 'm')
  assert.deepEqual(body['models'], ['n'])
  assert.deepEqual(body['usage'], { include: true })
})

test('what OpenRouter takes besides goes into the body, and what is not given does not', async () => {
  const { body } = await sentBy(
    openrouter('m', { provider: { only: ['baseten'] }, reasoning: { effort: 'low' }, body: { user: 'u' } }),
  )
  assert.deepEqual(body['provider'], { only: ['baseten'] })
  assert.deepEqual(body['reasoning'], { effort: 'low' })
  assert.equal(body['user'], 'u')
  assert.ok(!('models' in body))
})

test('a run may take another model than the agent’s own', async () => {
  const server = script(says({ text: 'Done' }))
  await agent({ model: openrouter('m') }).run('Go', {
    fetch: server.fetch,
    model: custom('n', { baseUrl: 'http://n.test' }),
  }).result
  assert.equal(server.requests[0]?.url, 'http://n.test/chat/completions')
  assert.equal(server.requests[0]?.body['model'], 'n')
})

test('a recorder that would record is not asked without a key, one that replays is', async () => {
  const server = script(says({ text: 'Done' }))
  const ask = (isReplaying: boolean): Promise<unknown> =>
    agent({ model: openrouter('m') }).run('Go', { fetch: server.fetch, isReplaying }).result
  const error = await failureOf(ask(false))
  assert.equal(error.code, 'key')
  assert.match(error.message, /OPENROUTER_API_KEY/)
  assert.equal(server.requests.length, 0)
  await ask(true)
  assert.equal(server.requests.length, 1)
})
