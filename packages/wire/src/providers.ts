/** Those who serve their own models: one entry each. */
import { type Provider, quirks } from './provider.ts'

export const openai: Provider = {
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat', 'openai-responses'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestOpenAICommon/multi_tool_gpt-5.6252853371.yaml
    maxTokensField: 'max_completion_tokens',
    // All 64 streams of api.openai.com, go-vcr/fantasy/TestThinkingStreaming/openai-gpt-5.335246cbc6.yaml
    streamEnd: 'done',
    // It keeps its reasoning: https://platform.openai.com/docs/guides/reasoning
    reasoningField: null,
    // go-vcr/fantasy/TestThinkingStreaming/openai-gpt-5.335246cbc6.yaml
    reasoningSettings: 'reasoning_effort',
    // https://platform.openai.com/docs/api-reference/chat/create
    isStrict: true,
  }),
}

export const anthropic: Provider = {
  name: 'anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  keyVariable: 'ANTHROPIC_API_KEY',
  auth: 'x-api-key',
  // https://platform.claude.com/docs/en/api/openai-sdk: a key goes as a bearer's, reasoning is not taken back.
  auths: { 'openai-chat': 'bearer' },
  // go-vcr/genai/anthropic/testdata/example.yaml
  modelsUrl: 'https://api.anthropic.com/v1/models?limit=1000',
  dialects: ['anthropic-messages', 'openai-chat'],
  quirks: /* @__PURE__ */ quirks({ reasoningField: null }),
}

export const google: Provider = {
  name: 'google',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  // https://ai.google.dev/gemini-api/docs/openai
  baseUrls: { 'openai-chat': 'https://generativelanguage.googleapis.com/v1beta/openai' },
  keyVariable: 'GEMINI_API_KEY',
  auth: 'x-goog-api-key',
  auths: { 'openai-chat': 'bearer' },
  // go-vcr/genai/gemini/testdata/TestClient/Warmup.yaml
  modelsUrl: 'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
  dialects: ['gemini', 'openai-chat'],
  // https://ai.google.dev/gemini-api/docs/openai#thinking
  quirks: /* @__PURE__ */ quirks({ reasoningField: null, reasoningSettings: 'reasoning_effort' }),
}

export const xai: Provider = {
  name: 'xai',
  baseUrl: 'https://api.x.ai/v1',
  keyVariable: 'XAI_API_KEY',
  auth: 'bearer',
  // https://docs.x.ai/docs/api-reference
  dialects: ['openai-chat', 'openai-responses'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestXAICommon/xai-grok-code-fast/simple_streaming.2817000f44.yaml
    streamEnd: 'done',
    // go-vcr/fantasy/TestOpenAICompatibleCommon/thinking-xai-grok-3-mini.9413130ca3.yaml
    reasoningSettings: 'reasoning_effort',
  }),
}

export const mistral: Provider = {
  name: 'mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  keyVariable: 'MISTRAL_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/genai/mistral/testdata/TestClient/Scoreboard/mistral-large-latest/GenStream-JSON.yaml
    streamEnd: 'done',
    // It refuses each field that it does not know: https://github.com/charmbracelet/crush/issues/1590
    reasoningField: null,
    isStrict: true,
    // https://github.com/openai/openai-agents-python/issues/442
    streamUsage: 'always',
  }),
}

export const deepseek: Provider = {
  name: 'deepseek',
  baseUrl: 'https://api.deepseek.com',
  // https://api-docs.deepseek.com/guides/anthropic_api
  baseUrls: { 'anthropic-messages': 'https://api.deepseek.com/anthropic/v1' },
  keyVariable: 'DEEPSEEK_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({
    // https://api-docs.deepseek.com/api/create-chat-completion
    streamEnd: 'done',
    // ruby-vcr/ruby_llm/…/chat_deepseek_thinking_control_returns_reasoning_content_for_effort_high.yml
    reasoningSettings: 'thinking',
  }),
}

export const zai: Provider = {
  name: 'zai',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  // https://docs.z.ai/devpack/tool/claude
  baseUrls: { 'anthropic-messages': 'https://api.z.ai/api/anthropic/v1' },
  otherHosts: ['open.bigmodel.cn'],
  keyVariable: 'ZAI_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestOpenAICompatibleThinking/zai-glm-4.5/thinking-streaming.435d6d0975.yaml
    streamEnd: 'done',
    // https://docs.z.ai/guides/capabilities/thinking-mode
    reasoningSettings: 'thinking',
  }),
}

export const moonshot: Provider = {
  name: 'moonshot',
  baseUrl: 'https://api.moonshot.ai/v1',
  // https://platform.moonshot.ai/docs/guide/agent-support
  baseUrls: { 'anthropic-messages': 'https://api.moonshot.ai/anthropic/v1' },
  otherHosts: ['api.moonshot.cn'],
  keyVariable: 'MOONSHOT_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat', 'anthropic-messages'],
  // https://platform.moonshot.ai/docs/api/chat, https://github.com/anomalyco/opencode/issues/10996
  quirks: /* @__PURE__ */ quirks({ streamEnd: 'done', reasoningSettings: 'thinking' }),
}

export const perplexity: Provider = {
  name: 'perplexity',
  baseUrl: 'https://api.perplexity.ai',
  keyVariable: 'PERPLEXITY_API_KEY',
  auth: 'bearer',
  // Only its router's, which are others: https://docs.perplexity.ai/api-reference/gateway-models-get
  modelsUrl: null,
  dialects: ['openai-chat'],
  // https://github.com/maruel/genai, perplexity/testdata/TestClient_GenStream_simple.yaml: no `[DONE]`
  quirks: /* @__PURE__ */ quirks({ streamEnd: 'finish-reason', reasoningField: null }),
}

export const cohere: Provider = {
  name: 'cohere',
  baseUrl: 'https://api.cohere.com/v2',
  // https://docs.cohere.com/docs/compatibility-api
  baseUrls: { 'openai-chat': 'https://api.cohere.ai/compatibility/v1' },
  keyVariable: 'CO_API_KEY',
  auth: 'bearer',
  // go-vcr/genai/cohere/testdata/TestClient/Warmup.yaml
  modelsUrl: 'https://api.cohere.com/v1/models?page_size=1000',
  dialects: ['cohere', 'openai-chat'],
  quirks: /* @__PURE__ */ quirks({ reasoningField: null, reasoningSettings: 'reasoning_effort' }),
}
