/** Every operation there is, and who may call it: what is not here does not exist. */
import {
  anthropicMessagesDialect,
  type Dialect,
  geminiDialect,
  openaiChatDialect,
  openaiResponsesDialect,
} from '@playhead/wire'
import { embeddings } from '../generate/embeddings.ts'
import { showGeneration } from './generation.ts'
import { changeKey, listKeys, makeKey, revokeKey, showKey } from './keys.ts'
import { json } from './json.ts'
import { listEndpoints, listModels, listProviders, showModel } from './models.ts'
import { openApiDocument } from './openapi.ts'
import type { DataOperation, Operation, QuestionOperation } from './operation.ts'
import { describeActivity, describeCredits, describeKey } from './spending.ts'
import { greet, tellHealth, tellMetrics, tellReadiness } from './system.ts'

const api = ['/api/v1', '/v1']
const google = ['/v1beta', '/api/v1beta', ...api]
const root = ['']

const data = (
  described: Omit<DataOperation, 'type' | 'prefixes' | 'dialect'>,
  prefixes: readonly string[] = api,
): DataOperation => ({ type: 'data', prefixes, dialect: openaiChatDialect, ...described })

const question = (
  dialect: Dialect,
  pattern: string,
  summary: string,
  prefixes: readonly string[] = api,
): QuestionOperation => ({
  type: 'question',
  method: 'POST',
  who: 'asker',
  prefixes,
  dialect,
  pattern,
  summary,
})

const pages = { offset: 'How many to leave out.', limit: 'How many at most.' }
const day = { date: 'Only this day of UTC: `2026-11-22`.' }

export const operations: readonly Operation[] = [
  question(openaiChatDialect, 'chat/completions', 'Asks a model, as OpenAI and OpenRouter have it'),
  question(openaiResponsesDialect, 'responses', "Asks a model, as OpenAI's Responses have it"),
  question(anthropicMessagesDialect, 'messages', 'Asks a model, as Anthropic has it'),
  question(geminiDialect, 'models/{model}:generateContent', 'Asks a model, as Google has it', google),
  question(geminiDialect, 'models/{model}:streamGenerateContent', 'The same as a stream', google),
  question(embeddings, 'embeddings', 'Turns text into vectors'),
  data({
    method: 'GET',
    pattern: 'models',
    who: 'key',
    summary: 'The models that the key may use',
    query: { q: 'Only those whose name has this in it.', ...pages },
    answer: listModels,
  }),
  data({ method: 'GET', pattern: 'model/{model}', who: 'key', summary: 'A model', answer: showModel }),
  data({
    method: 'GET',
    pattern: 'models/{model}/endpoints',
    who: 'key',
    summary: 'Who serves a model, for how much, and how well',
    answer: listEndpoints,
  }),
  data({ method: 'GET', pattern: 'providers', who: 'key', summary: 'The providers', answer: listProviders }),
  data({
    method: 'GET',
    pattern: 'generation',
    who: 'key',
    summary: 'What became of a question, and what it cost',
    query: { id: 'Its id, `gen-…`, or the one that the provider gave it.' },
    answer: showGeneration,
  }),
  data({
    method: 'GET',
    pattern: 'key',
    who: 'key',
    summary: 'The key itself, and its spending',
    answer: describeKey,
  }),
  data({
    method: 'GET',
    pattern: 'credits',
    who: 'key',
    summary: 'What may be spent, and what was',
    answer: describeCredits,
  }),
  data({
    method: 'GET',
    pattern: 'activity',
    who: 'key',
    summary: 'Spending of the last 30 days by day, model and provider',
    query: { ...day, api_key_hash: 'Only of this key, for an admin.' },
    answer: describeActivity,
  }),
  data({
    method: 'GET',
    pattern: 'keys',
    who: 'admin',
    summary: 'All keys, newest first, 100 at a time',
    query: { offset: pages.offset, include_disabled: '`true` for those that are disabled too.' },
    answer: listKeys,
  }),
  data({
    method: 'POST',
    pattern: 'keys',
    who: 'admin',
    summary: 'Makes a key, which is shown this once',
    answer: makeKey,
  }),
  data({ method: 'GET', pattern: 'keys/{hash}', who: 'admin', summary: 'A key', answer: showKey }),
  data({
    method: 'PATCH',
    pattern: 'keys/{hash}',
    who: 'admin',
    summary: 'Changes a key',
    answer: changeKey,
  }),
  data({
    method: 'DELETE',
    pattern: 'keys/{hash}',
    who: 'admin',
    summary: 'Revokes a key',
    answer: revokeKey,
  }),
  data({ method: 'GET', pattern: '', who: 'anyone', summary: 'Says what this is', answer: greet }, root),
  data(
    {
      method: 'GET',
      pattern: 'health',
      who: 'anyone',
      summary: 'Whether the process answers',
      answer: tellHealth,
    },
    root,
  ),
  data(
    {
      method: 'GET',
      pattern: 'ready',
      who: 'anyone',
      summary: 'Whether models can be asked',
      answer: tellReadiness,
    },
    root,
  ),
  data(
    {
      method: 'GET',
      pattern: 'metrics',
      who: 'local',
      summary: 'Counters for Prometheus',
      answer: tellMetrics,
    },
    root,
  ),
  data(
    {
      method: 'GET',
      pattern: 'openapi.json',
      who: 'anyone',
      summary: 'This document',
      answer: () => json(openApiDocument(operations)),
    },
    root,
  ),
]
