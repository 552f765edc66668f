/** What a model, a provider or a file may say to have it run by the page that shows it. */
import type { Interaction } from '@playhead/tape'
import { answer, chat } from './page.ts'

/** Each would call `owned()`, or ask the network for something. */
export const attacks: readonly string[] = [
  '</script><script>owned()</script>',
  '</SCRIPT ><script>owned()</script>',
  '<!--<script>',
  '--><img src=x onerror=owned()>',
  '<img src="https://evil.example/pixel.png">',
  '<svg onload=owned()>',
  '"><iframe srcdoc="<script>parent.owned()</script>">',
  '\u2028owned()\u2029',
  '</style><style>@import url(https://evil.example/x.css)</style>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  "';owned();'",
  '${owned()}',
  ']]><script>owned()</script>',
  '__proto__',
  '\u0000\ud800\u202eowned()',
]

const everything = attacks.join(' ')
/** The smallest PNG. */
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const images = [
  `data:image/png;base64,${pixel}`,
  `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="owned()"/>').toString('base64')}`,
  `data:text/html;base64,${Buffer.from('<script>owned()</script>').toString('base64')}`,
  'data:image/png;base64,"onerror="owned()',
  'javascript:owned()',
  'https://evil.example/image.png',
]

/** Interactions with the attacks in every place that a page shows. */
export function hostile(): Interaction[] {
  const call = {
    id: everything,
    type: 'function',
    function: { name: everything, arguments: JSON.stringify({ [everything]: everything }) },
  }
  const messages = [
    { role: 'system', content: everything },
    {
      role: 'user',
      content: [
        ...attacks.map((text) => ({ type: 'text', text })),
        ...images.map((url) => ({ type: 'image_url', image_url: { url } })),
      ],
    },
    { role: 'assistant', content: everything, reasoning: everything, tool_calls: [call] },
    { role: 'tool', tool_call_id: everything, content: everything },
  ]
  const delta = { content: everything, reasoning: everything, tool_calls: [{ index: 0, ...call }] }
  const named = { id: everything, model: everything, provider: everything }
  const events = answer(delta, everything).map((event) => ({ ...event, ...named }))
  const tools = [
    {
      type: 'function',
      function: { name: everything, description: everything, parameters: { title: everything } },
    },
  ]
  const failed = JSON.stringify({
    error: { message: everything, code: 400, metadata: { raw: everything, provider_name: everything } },
  })
  const [first, second, third] = chat([
    { messages, events, request: { model: everything, tools, user: everything, stop: [everything] } },
    { messages, request: { model: everything } },
    { messages: [], changes: { ending: { type: 'error', at: 5, code: everything, message: everything } } },
  ])
  if (first === undefined || !second?.response || third === undefined) throw new Error('three were made')
  const headers: [string, string][] = [[everything, everything]]
  const request = {
    ...third.request,
    url: `https://example.com/${everything}`,
    method: everything,
    headers,
    body: everything,
  }
  return [
    first,
    {
      ...second,
      response: {
        ...second.response,
        status: 400,
        statusText: everything,
        headers,
        body: failed,
        chunks: null,
      },
    },
    { ...third, request, response: null },
  ]
}
