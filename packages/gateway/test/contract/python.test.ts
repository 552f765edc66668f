/** Python's `openai`, where it is installed. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { readSeeds } from '../recorded.ts'
import { refusal } from '../upstream.ts'
import { startWorld } from './world.ts'

const isThere = spawnSync('python3', ['-c', 'import openai']).status === 0
const skip = isThere ? false : 'there is no openai for python3 here'
const world = isThere ? await startWorld() : null
after(() => world?.[Symbol.asyncDispose]())

const script = `
import json, sys
from openai import OpenAI, APIStatusError
base, key, model, stream = sys.argv[1:]
client = OpenAI(base_url=base, api_key=key, max_retries=0)
question = dict(model=model, messages=[{"role": "user", "content": "Add 2 and 3"}])
try:
    if stream == "streamed":
        text = ""
        usage = None
        for chunk in client.chat.completions.create(**question, stream=True):
            if chunk.choices: text += chunk.choices[0].delta.content or ""
            usage = chunk.usage or usage
    else:
        answer = client.chat.completions.create(**question)
        text, usage = answer.choices[0].message.content, answer.usage
    print(json.dumps([text, usage.prompt_tokens, usage.completion_tokens]))
except APIStatusError as error:
    print(json.dumps([type(error).__name__, error.status_code]))
`

async function python(form: 'plain' | 'streamed', key?: string): Promise<unknown> {
  assert.ok(world !== null)
  const { origin, model, ...place } = world.place()
  const args = ['-c', script, `${origin}/v1`, key ?? place.key, model, form]
  return JSON.parse((await promisify(execFile)('python3', args)).stdout)
}

for (const form of ['plain', 'streamed'] as const) {
  test(`Python's openai, ${form}: text and tokens`, { skip }, async () => {
    const recorded = (await readSeeds()).text.chutes
    world?.upstream.play({ type: 'answer', recorded })
    assert.deepEqual(await python(form), [recorded.text, 273, 22])
  })

  test(`Python's openai, ${form}: errors are its own`, { skip }, async () => {
    world?.upstream.play(refusal(429, 'Slow down'))
    assert.deepEqual(await python(form), ['RateLimitError', 429])
    assert.deepEqual(await python(form, 'sk-ph-wrong'), ['AuthenticationError', 401])
  })
}
