/** What dialects give to be sent back, and tools that only they have: one request of each dialect's own. */

const asked = { role: 'user', content: 'Hi' }
const marker = 'MARKER'

/** By row, then by dialect; each request holds the marker where the thing stands. A dialect without one has none. */
export const own: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'reasoning that it signed': {
    'openai-chat': {
      model: 'm',
      messages: [
        asked,
        {
          role: 'assistant',
          content: 'Hello',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: marker, index: 0 }],
        },
        asked,
      ],
    },
    'openai-responses': {
      model: 'm',
      input: [
        asked,
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Hm' }],
          encrypted_content: marker,
        },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
        },
        asked,
      ],
    },
    'anthropic-messages': {
      model: 'm',
      max_tokens: 100,
      messages: [
        asked,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm', signature: marker },
            { type: 'text', text: 'Hello' },
          ],
        },
        asked,
      ],
    },
    'bedrock-converse': {
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm', signature: marker } } },
            { text: 'Hello' },
          ],
        },
        { role: 'user', content: [{ text: 'Hi' }] },
      ],
    },
    gemini: {
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        {
          role: 'model',
          parts: [
            { text: 'Hm', thought: true },
            { text: 'Hello', thoughtSignature: marker },
          ],
        },
        { role: 'user', parts: [{ text: 'Hi' }] },
      ],
    },
  },
  'reasoning that it keeps to itself': {
    'openai-chat': {
      model: 'm',
      messages: [
        asked,
        {
          role: 'assistant',
          content: 'Hello',
          reasoning_details: [{ type: 'reasoning.encrypted', data: marker, index: 0 }],
        },
        asked,
      ],
    },
    'openai-responses': {
      model: 'm',
      input: [
        asked,
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: marker },
        { role: 'assistant', content: 'Hello' },
        asked,
      ],
    },
    'anthropic-messages': {
      model: 'm',
      max_tokens: 100,
      messages: [
        asked,
        {
          role: 'assistant',
          content: [
            { type: 'redacted_thinking', data: marker },
            { type: 'text', text: 'Hello' },
          ],
        },
        asked,
      ],
    },
    'bedrock-converse': {
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        {
          role: 'assistant',
          content: [{ reasoningContent: { redactedContent: btoa(marker) } }, { text: 'Hello' }],
        },
        { role: 'user', content: [{ text: 'Hi' }] },
      ],
    },
  },
  'tool call that it signed': {
    'openai-chat': {
      model: 'm',
      messages: [
        asked,
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'c',
              type: 'function',
              function: { name: 'add', arguments: '{}' },
              extra_content: { google: { thought_signature: marker } },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: '5' },
      ],
    },
    gemini: {
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ functionCall: { name: 'add', args: {} }, thoughtSignature: marker }] },
        { role: 'user', parts: [{ functionResponse: { name: 'add', response: { output: '5' } } }] },
      ],
    },
  },
  'tool of its own': {
    'openai-responses': {
      model: 'm',
      input: [asked],
      tools: [{ type: 'web_search', search_context_size: marker }],
    },
    'anthropic-messages': {
      model: 'm',
      max_tokens: 100,
      messages: [asked],
      tools: [{ type: 'web_search_20250305', name: 'web_search', allowed_domains: [marker] }],
    },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [{ googleSearch: { exclude: marker } }],
    },
    'bedrock-converse': {
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      toolConfig: { tools: [{ systemTool: { name: marker } }] },
    },
  },
  'field without a canonical form': {
    'openai-chat': { model: 'm', messages: [asked], provider: { order: [marker] } },
    'openai-responses': { model: 'm', input: [asked], previous_response_id: marker },
    'anthropic-messages': { model: 'm', max_tokens: 100, messages: [asked], container: marker },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      safetySettings: [{ category: marker, threshold: 'BLOCK_NONE' }],
    },
    'bedrock-converse': {
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      guardrailConfig: { guardrailIdentifier: marker, guardrailVersion: '1' },
    },
    cohere: { model: 'm', messages: [asked], documents: [marker] },
    ollama: { model: 'm', messages: [asked], keep_alive: marker },
  },
  'field that nobody knows': {
    'openai-chat': { model: 'm', messages: [asked], future: marker },
    'openai-responses': { model: 'm', input: [asked], future: marker },
    'anthropic-messages': { model: 'm', max_tokens: 100, messages: [asked], future: marker },
    gemini: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], future: marker },
    'bedrock-converse': { messages: [{ role: 'user', content: [{ text: 'Hi' }] }], future: marker },
    cohere: { model: 'm', messages: [asked], future: marker },
    ollama: { model: 'm', messages: [asked], future: marker },
  },
}

/** Whether the thing is still there. */
export function isMarked(value: unknown): boolean {
  const json = JSON.stringify(value)
  return json.includes(marker) || json.includes(btoa(marker))
}
