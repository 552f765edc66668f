/** Shows an interaction to a person: as a conversation, not as bytes. */
import type { Ending } from '@playhead/tape'
import {
  type Answer,
  type AssistantMessage,
  type Failure,
  type MediaPart,
  type Message,
  type ModelRequest,
  type ToolDefinition,
  WireError,
} from '@playhead/wire'
import type { Inspection } from './inspection.ts'
import { printable } from './print.ts'
import { bold, count, dim, excerpt, money, seconds, styled, tokens } from './terminal.ts'

/** Several lines, with a line feed at the end. */
export function renderInspection(inspection: Inspection): string {
  const { file, interaction, request, outcome } = inspection
  const { id, response } = interaction
  const lines = [
    `${bold(`${file} #${id}`)} ${interaction.request.method} ${printable(interaction.request.url)}`,
    ...linesOf(facts(inspection)),
    ...renderRequest(request),
    ...(outcome === null ? [dim(`  ${unknown(response)}`)] : []),
    ...(outcome === null ? [] : renderOutcome(outcome)),
    ...renderEnding(interaction.ending),
  ]
  return `${lines.join('\n')}\n\n`
}

/** None where there is nothing to say. */
function linesOf(facts: readonly string[]): string[] {
  return facts.length === 0 ? [] : [dim(`  ${facts.join(' · ')}`)]
}

function unknown(response: Inspection['interaction']['response']): string {
  if (response === null) return 'no answer came'
  return `a body of ${sizeOf(response.body)}, in no dialect that is known`
}

/** An exchange that did not end as it should; what had come of it stands above. */
function renderEnding(ending: Ending): string[] {
  switch (ending.type) {
    case 'end':
      return []
    case 'abort':
      return [broken(`the caller left after ${seconds(ending.at)} (${ending.reason})`)]
    case 'error': {
      const code = ending.code === null ? '' : `${ending.code}: `
      return [
        broken(`the connection broke after ${seconds(ending.at)}: ${code}${excerpt(ending.message, 300)}`),
      ]
    }
    case 'unfinished':
      return [broken(`whoever recorded it was gone after ${seconds(ending.at)}`)]
  }
}

function broken(why: string): string {
  return styled('yellow', `✂ ${why}`)
}

function facts({ interaction, dialect, isStream, request }: Inspection): string[] {
  const { response, ending } = interaction
  const chunks = response?.chunks ?? null
  const asked = request === null || request instanceof WireError ? undefined : request
  return [
    ...(response === null ? [] : [statusOf(response)]),
    ...(dialect === null ? [] : [`${dialect.name}${isStream ? ', streamed' : ''}`]),
    ...(asked === undefined ? [] : [asked.model, ...toolNames(asked)]),
    ...(response === null ? [] : [`first byte after ${seconds(response.duration)}`]),
    ...(chunks === null ? [] : [`${count(chunks.length, 'chunk')} in ${seconds(ending.at)}`]),
  ]
}

function statusOf({ status, statusText }: { readonly status: number; readonly statusText: string }): string {
  return `${status}${statusText === '' ? '' : ` ${statusText}`}`
}

function toolNames({ tools = [] }: ModelRequest): string[] {
  return tools.length === 0 ? [] : [`tools ${tools.map(nameOf).join(', ')}`]
}

function nameOf(tool: ToolDefinition): string {
  if (tool.type === 'function') return tool.name
  const { name, type } = tool.definition
  return [name, type].find((word) => typeof word === 'string') ?? Object.keys(tool.definition).join(' ')
}

function renderRequest(request: Inspection['request']): string[] {
  if (request === null) return []
  if (request instanceof WireError)
    return [styled('yellow', `  the request is not understood: ${request.message}`)]
  return request.messages.flatMap(renderMessage)
}

function renderMessage(message: Message): string[] {
  return message.content.flatMap((part): string[] => {
    switch (part.type) {
      case 'text':
        return labelled(message.role, part.text)
      case 'reasoning':
        return labelled('reasoning', part.text)
      case 'media':
        return labelled(message.role, `[${describe(part)}]`)
      case 'tool-call':
        return labelled('call', `${part.name} ${part.inputText}`)
      case 'provider-call':
        return labelled('call', `${part.name} ${JSON.stringify(part.input)}, run by the provider`)
      case 'provider-result':
        return labelled('result', `${part.name} ${JSON.stringify(part.output)}`)
      case 'tool-result': {
        const shown = part.output.map((output) =>
          output.type === 'text' ? output.text : `[${describe(output)}]`,
        )
        return labelled('result', `${part.name === '' ? '' : `${part.name} `}${shown.join(' ')}`)
      }
    }
  })
}

function describe({ mediaType, source }: MediaPart): string {
  switch (source.type) {
    case 'url':
      return source.url
    case 'base64':
      return `${mediaType}, ${size(source.base64)}`
    case 'text':
      return `${mediaType}, ${source.text.length} characters`
    case 'file':
      return `file ${source.id}`
  }
}

function sizeOf(body: string | Uint8Array): string {
  return `${body.length} ${typeof body === 'string' ? 'characters' : 'bytes'}`
}

function size(base64: string): string {
  return `${Math.ceil((base64.length * 3) / 4 / 1024)} kB`
}

const labelWidth = 10
const longest = 2000

function labelled(label: string, text: string): string[] {
  const cut = text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`
  const [first = '', ...rest] = printable(cut).split('\n')
  const indent = ' '.repeat(labelWidth + 2)
  return [`  ${dim(label.padEnd(labelWidth))}${first}`, ...rest.map((line) => indent + line)]
}

function renderOutcome(outcome: Answer | Failure): string[] {
  return outcome.type === 'answer' ? renderAnswer(outcome) : renderFailure(outcome)
}

function renderAnswer({ message, model, provider, finishReason, usage, cost }: Answer): string[] {
  const by = provider === null ? model : `${model} by ${provider}`
  const used = usage === null ? 'tokens unknown' : tokens(usage)
  return [...renderReply(message), dim(`  ${finishReason} · ${used} · ${money(cost)} · ${by}`)]
}

function renderReply(message: AssistantMessage): string[] {
  return renderMessage(message).map((line) =>
    line.startsWith('  ') ? `${styled('green', '◂')} ${line.slice(2)}` : line,
  )
}

function renderFailure({ code, message, retryable, provider, raw, retryAfter, partial }: Failure): string[] {
  const by = provider === null ? '' : ` by ${excerpt(provider, 100)}`
  const again = retryable
    ? `worth another try${retryAfter === null ? '' : ` after ${seconds(retryAfter)}`}`
    : 'final'
  return [
    ...(partial === null ? [] : renderReply(partial)),
    `${styled('red', '✗')} ${code}${by}: ${excerpt(message, 500)} (${again})`,
    ...(raw === null ? [] : [`  ${excerpt(raw, 500)}`]),
  ]
}
