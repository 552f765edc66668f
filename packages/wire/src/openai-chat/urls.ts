/** Where chat completions are asked for. */
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'

/** What is asked for at one URL. */
interface Target {
  /** The model that the URL names. */
  readonly model?: string
  /** Whether the URL alone asks for a stream. */
  readonly stream?: string
}

/** Also Mistral's agents and what it fills into code. https://docs.mistral.ai/api */
const own = /\/(?:chat|agents|fim)\/completions$/

/** Where other things are asked for too: these bodies have messages. */
const shared: readonly RegExp[] = [
  // https://docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models
  /\/serving-endpoints\/(?<model>[^/]+)\/invocations$/,
  // https://cloud.ibm.com/apidocs/watsonx-ai#text-chat
  /\/ml\/v1\/text\/chat(?<stream>_stream)?$/,
  // https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral
  /\/publishers\/mistralai\/models\/(?<model>[^/:]+):(?:rawPredict|(?<stream>streamRawPredict))$/,
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html
  /\/model\/(?<model>openai\.[^/]+)\/invoke(?<stream>-with-response-stream)?$/,
  // https://dev.writer.com/api-reference/completion-api/chat-completion
  /\/v1\/chat$/,
  // https://platform.minimax.io/docs/api-reference/text-post
  /\/text\/chatcompletion_v2$/,
  // https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api
  /\/cortex\/inference:complete$/,
]

/** What a request is for, by its URL and its body, parsed; null when it is none for a chat completion. */
export function targetOf(url: string, body: unknown): Target | null {
  const path = pathOf(url)
  if (!isObject(body)) return null
  if (own.test(path)) return {}
  if (!Array.isArray(body['messages'])) return null
  for (const pattern of shared) {
    const match = pattern.exec(path)
    if (match !== null) return match.groups ?? {}
  }
  return null
}
