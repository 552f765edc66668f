/** Those who serve the models of others: clouds, routers, hosts and local servers, one entry each. */
import { type Provider, quirks } from './provider.ts'

export const openrouter: Provider = {
  name: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  keyVariable: 'OPENROUTER_API_KEY',
  auth: 'bearer',
  // https://openrouter.ai/docs/api-reference/overview
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({
    // All 198 streams of openrouter.ai, go-vcr/fantasy/TestOpenRouterCommon/grok/multi_tool_streaming.0b9377a1fa.yaml
    streamEnd: 'done',
    reasoningField: 'reasoning_details',
    // go-vcr/fantasy/TestOpenRouterCommon/thinking-glm-4.5.e0f83f863c.yaml
    reasoningSettings: 'reasoning',
    // Once needed to be told the cost; still accepted, as the seeds show.
    body: { usage: { include: true } },
  }),
}

export const vercel: Provider = {
  name: 'vercel',
  baseUrl: 'https://ai-gateway.vercel.sh/v1',
  keyVariable: 'AI_GATEWAY_API_KEY',
  auth: 'bearer',
  // https://vercel.com/docs/ai-gateway/sdks-and-apis
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestVercelThinking/claude-sonnet-4/thinking-streaming.30cf181cd8.yaml
    streamEnd: 'done',
    reasoningField: 'reasoning_details',
    reasoningSettings: 'reasoning',
  }),
}

export const azure: Provider = {
  name: 'azure',
  // go-vcr/fantasy/TestAzureCommon/azure-gpt-5-mini/simple.0531e1c48f.yaml
  baseUrl: 'https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1',
  // https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
  baseUrls: { 'anthropic-messages': 'https://{AZURE_RESOURCE_NAME}.services.ai.azure.com/anthropic/v1' },
  otherHosts: ['{AZURE_RESOURCE_NAME}.cognitiveservices.azure.com'],
  keyVariable: 'AZURE_API_KEY',
  auth: 'api-key',
  auths: { 'anthropic-messages': 'x-api-key' },
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestAzureThinking/azure-gpt-5-mini/thinking-streaming.07ed45a777.yaml
    maxTokensField: 'max_completion_tokens',
    streamEnd: 'done',
    reasoningField: null,
    reasoningSettings: 'reasoning_effort',
    isStrict: true,
  }),
}

export const vertex: Provider = {
  name: 'vertex',
  // Models follow by publisher: go-vcr/fantasy/TestGoogleCommon/vertex-claude-3-7-sonnet/simple.12857166ae.yaml
  baseUrl:
    'https://{GOOGLE_CLOUD_LOCATION}-aiplatform.googleapis.com/v1/projects/{GOOGLE_CLOUD_PROJECT}/locations/{GOOGLE_CLOUD_LOCATION}',
  // https://cloud.google.com/vertex-ai/generative-ai/docs/start/openai
  baseUrls: {
    'openai-chat':
      'https://{GOOGLE_CLOUD_LOCATION}-aiplatform.googleapis.com/v1/projects/{GOOGLE_CLOUD_PROJECT}/locations/{GOOGLE_CLOUD_LOCATION}/endpoints/openapi',
  },
  otherHosts: ['aiplatform.googleapis.com', 'aiplatform.{GOOGLE_CLOUD_LOCATION}.rep.googleapis.com'],
  // https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/list
  modelsUrl: 'https://aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=1000',
  // An access token, as Google's Terraform provider calls it; else the file of GOOGLE_APPLICATION_CREDENTIALS.
  keyVariable: 'GOOGLE_OAUTH_ACCESS_TOKEN',
  auth: 'google-oauth',
  dialects: ['gemini', 'anthropic-messages', 'openai-chat'],
  host: 'vertex',
  quirks: /* @__PURE__ */ quirks({ reasoningField: null, reasoningSettings: 'reasoning_effort' }),
}

export const bedrock: Provider = {
  name: 'bedrock',
  baseUrl: 'https://bedrock-runtime.{AWS_REGION}.amazonaws.com',
  baseUrls: {
    // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
    'openai-chat': 'https://bedrock-runtime.{AWS_REGION}.amazonaws.com/openai/v1',
    // ruby-vcr/ruby_llm/…/providers_bedrock_mantle_responses_chat_calls_tools_through_the_responses_surface.yml
    'openai-responses': 'https://bedrock-mantle.{AWS_REGION}.api.aws/v1',
  },
  otherHosts: [
    'bedrock-runtime-fips.{AWS_REGION}.amazonaws.com',
    'bedrock-runtime.{AWS_REGION}.amazonaws.com.cn',
  ],
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
  modelsUrl: 'https://bedrock.{AWS_REGION}.amazonaws.com/foundation-models',
  // https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html: it comes before a signature.
  keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
  auth: 'aws-sigv4',
  dialects: ['bedrock-converse', 'anthropic-messages', 'openai-chat', 'openai-responses'],
  host: 'bedrock',
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html
  quirks: /* @__PURE__ */ quirks({
    maxTokensField: 'max_completion_tokens',
    reasoningField: null,
    reasoningSettings: 'reasoning_effort',
  }),
}

export const groq: Provider = {
  name: 'groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  keyVariable: 'GROQ_API_KEY',
  auth: 'bearer',
  // https://console.groq.com/docs/responses-api
  dialects: ['openai-chat', 'openai-responses'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/genai/groq/testdata/TestClient/Scoreboard/openai/gpt-oss-20b_thinking/GenSync-MaxTokens.yaml
    maxTokensField: 'max_completion_tokens',
    // go-vcr/fantasy/TestOpenAICompatibleCommon/simple_streaming_groq-kimi-k2.4ab1b4e494.yaml
    streamEnd: 'done',
    reasoningField: null,
    // https://console.groq.com/docs/reasoning
    reasoningSettings: 'reasoning_effort',
    // A field that it does not know is "unsupported": https://github.com/vercel/ai/pull/1578
    isStrict: true,
  }),
}

export const together: Provider = {
  name: 'together',
  // vcrpy/openllmetry/…/test_together_chat_with_events_with_no_content.yaml; `.ai` in mixed/openinference/…/test_chat.yaml
  baseUrl: 'https://api.together.xyz/v1',
  otherHosts: ['api.together.ai'],
  keyVariable: 'TOGETHER_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat'],
  // https://docs.together.ai/reference/chat-completions-1
  quirks: /* @__PURE__ */ quirks({ streamEnd: 'done', reasoningField: null }),
}

export const fireworks: Provider = {
  name: 'fireworks',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  keyVariable: 'FIREWORKS_API_KEY',
  auth: 'bearer',
  // https://docs.fireworks.ai/tools-sdks/anthropic-compatibility
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  // https://docs.fireworks.ai/api-reference/post-chatcompletions
  quirks: /* @__PURE__ */ quirks({ streamEnd: 'done', reasoningSettings: 'reasoning_effort' }),
}

export const cerebras: Provider = {
  name: 'cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  keyVariable: 'CEREBRAS_API_KEY',
  auth: 'bearer',
  dialects: ['openai-chat'],
  quirks: /* @__PURE__ */ quirks({
    // https://inference-docs.cerebras.ai/api-reference/chat-completions
    maxTokensField: 'max_completion_tokens',
    // go-vcr/fantasy/TestCerebrasCommon/cerebras-qwen-3-coder-480b/tool_streaming.356bee744b.yaml
    streamEnd: 'finish-reason',
    reasoningField: null,
    reasoningSettings: 'reasoning_effort',
  }),
}

export const huggingface: Provider = {
  name: 'huggingface',
  baseUrl: 'https://router.huggingface.co/v1',
  keyVariable: 'HF_TOKEN',
  auth: 'bearer',
  // https://huggingface.co/docs/inference-providers/guides/responses-api
  dialects: ['openai-chat', 'openai-responses'],
  quirks: /* @__PURE__ */ quirks({
    // go-vcr/fantasy/TestOpenAICompatibleCommon/huggingface-qwen3-coder/multi_tool_streaming.85ec42ba0c.yaml
    streamEnd: 'finish-reason',
    reasoningField: null,
  }),
}

export const ollama: Provider = {
  name: 'ollama',
  baseUrl: 'http://localhost:11434/api',
  // https://docs.ollama.com/api/openai-compatibility, https://docs.ollama.com/api/anthropic-compatibility
  baseUrls: {
    'openai-chat': 'http://localhost:11434/v1',
    'openai-responses': 'http://localhost:11434/v1',
    'anthropic-messages': 'http://localhost:11434/v1',
  },
  // go-vcr/fantasy/TestOllamaCloudCommon/gpt-oss-20b/simple.bb4f85801e.yaml
  otherHosts: ['ollama.com'],
  keyVariable: null,
  auth: 'bearer',
  // go-vcr/genai/ollama/testdata/TestClient/TextOutputDocInput/Stdin.yaml
  modelsUrl: 'http://localhost:11434/api/tags',
  dialects: ['ollama', 'openai-chat', 'openai-responses', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks({ reasoningField: null, reasoningSettings: 'reasoning_effort' }),
}

export const llamaCpp: Provider = {
  name: 'llama.cpp',
  baseUrl: 'http://localhost:8080/v1',
  keyVariable: null,
  auth: 'bearer',
  // https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  // go-vcr/fantasy/TestOpenAICompatibleCommon/llama-cpp-gpt-oss/tool_streaming.589df587f6.yaml. It ends its
  // streams with `[DONE]`, but it is not alone on its port.
  quirks: /* @__PURE__ */ quirks(),
}

export const vllm: Provider = {
  name: 'vllm',
  baseUrl: 'http://localhost:8000/v1',
  keyVariable: null,
  auth: 'bearer',
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  quirks: /* @__PURE__ */ quirks(),
}

/** Any server, whatever it is spoken to in. */
export const custom: Provider = {
  name: 'custom',
  baseUrl: '{CUSTOM_BASE_URL}',
  keyVariable: null,
  auth: 'bearer',
  auths: { 'anthropic-messages': 'x-api-key', gemini: 'x-goog-api-key' },
  dialects: [
    'openai-chat',
    'openai-responses',
    'anthropic-messages',
    'gemini',
    'bedrock-converse',
    'cohere',
    'ollama',
  ],
  quirks: /* @__PURE__ */ quirks(),
}
