/** What plain and streamed answers say alike. */
import type { Answer, FinishReason } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import { isObject, type Unread } from '../json.ts'
import type { AssistantPart, Json, JsonObject, TextPart } from '../message.ts'
import { decodeFinishReason } from './finish.ts'
import { encodePart } from './encode-parts.ts'
import { encodeUsage } from './usage.ts'

const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  error: 'OTHER',
  other: 'OTHER',
}

/** The parts that this dialect can say. */
export function encodeParts(content: readonly AssistantPart[]): Unread[] {
  return content.flatMap<Unread>((part) => encodePart(part) ?? [])
}

/** The candidate with these parts, and why it is over. Gemini's own word is kept, another provider's is not. */
export function encodeCandidate(answer: Answer, parts: readonly Unread[]): Unread {
  const { finishReason, rawFinishReason, message, data } = answer
  const kept = data?.['gemini']
  const hasCalls = message.content.some(({ type }) => type === 'tool-call')
  const isOwn = kept !== undefined || decodeFinishReason(rawFinishReason, hasCalls) === finishReason
  const word = isOwn && rawFinishReason !== null ? rawFinishReason : finishReasons[finishReason]
  const rest = kept?.['candidate']
  return {
    content: { parts, role: 'model' },
    finishReason: word,
    index: 0,
    ...encodeLogprobs(answer),
    ...(isObject(rest) ? rest : encodeGrounding(answer)),
  }
}

/** What stands beside the candidates. */
export function encodeRest({ usage, data }: Answer, { id, model }: AnswerHead): JsonObject {
  const { candidate: _, ...kept } = data?.['gemini'] ?? {}
  return {
    ...(usage !== null && { usageMetadata: encodeUsage(usage) }),
    ...kept,
    ...(model !== '' && { modelVersion: model }),
    ...(id !== '' && { responseId: id }),
  }
}

function encodeLogprobs({ logprobs }: Answer): JsonObject {
  if (logprobs === undefined) return {}
  return {
    logprobsResult: {
      topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(encodeLogprob) })),
      chosenCandidates: logprobs.map(encodeLogprob),
    },
  }
}

function encodeLogprob({ token, logprob }: { readonly token: string; readonly logprob: number }): JsonObject {
  return { token, logProbability: logprob }
}

/** Sources with a URL, their places counted in bytes of UTF-8 over the whole text. */
function encodeGrounding({ message }: Answer): JsonObject {
  const chunks: Json[] = []
  const supports: Json[] = []
  let before = 0
  for (const part of message.content) {
    if (part.type !== 'text') continue
    for (const { url, title, start, end } of part.citations ?? []) {
      if (url === undefined) continue
      if (start !== undefined && end !== undefined)
        supports.push({
          segment: encodeSegment(part, start, end, before),
          groundingChunkIndices: [chunks.length],
        })
      chunks.push({ web: { uri: url, ...(title !== undefined && { title }) } })
    }
    before += bytes(part.text)
  }
  if (chunks.length === 0) return {}
  return {
    groundingMetadata: {
      groundingChunks: chunks,
      ...(supports.length > 0 && { groundingSupports: supports }),
    },
  }
}

function encodeSegment({ text }: TextPart, start: number, end: number, before: number): JsonObject {
  const startIndex = before + bytes(text.slice(0, start))
  const words = text.slice(start, end)
  return { startIndex, endIndex: startIndex + bytes(words), text: words }
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
