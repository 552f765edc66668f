/** Shows a run on a terminal while it goes on. */
import type { Progress, RunEvent, RunResult, StepEvent, UsageEvent } from '@playhead/agent'
import { type Failure, noUsage, type ToolCall, type ToolResult, type WholePartEvent } from '@playhead/wire'
import { printable } from './print.ts'
import { bold, dim, excerpt, money, seconds, styled, tokens } from './terminal.ts'

/** What a run had done and used. */
export type Books = Pick<Progress, 'steps' | 'usage' | 'cost'>

/** The last event of a run that failed, with its books where the error has them. */
export interface RunErrorEvent extends Partial<Books> {
  readonly type: 'error'
  readonly code: string
  readonly message: string
}

/** Takes each event and gives the text to print for it. */
export class RunRenderer {
  /** What the cursor stands behind: text that goes on, or the start of a line. */
  #open: 'text' | 'reasoning' | undefined
  /** A step's bill stands below its tools' results, which come after it. */
  #bill = ''

  render(event: RunEvent | RunErrorEvent): string {
    switch (event.type) {
      case 'step':
        return this.#line(`${this.#takeBill()}${stepHead(event)}`)
      case 'text':
        return this.#flow('text', printable(event.text))
      case 'reasoning':
        return this.#flow('reasoning', dim(event.text))
      case 'tool-input':
      case 'part-end':
        return ''
      case 'part':
        return this.#part(event.part)
      case 'tool-call':
        return this.#line(
          `  ${styled('cyan', '→')} ${bold(nameOf(event.call))} ${excerpt(event.call.inputText, 200)}`,
        )
      case 'tool-result':
        return this.#line(`  ${styled('cyan', '←')} ${nameOf(event.call)} ${resultText(event.result)}`)
      case 'retry':
        return this.#line(
          `  ${styled('yellow', '↻')} ${reason(event.failure)}; again in ${seconds(event.wait)}`,
        )
      case 'usage':
        this.#bill = `${dim(`  ${bill(event)}`)}\n`
        return ''
      case 'finish':
        return this.#line(`${this.#takeBill()}${end(event.result)}`)
      case 'error':
        return this.#fail(event)
    }
  }

  /** What came at once: a picture, a search that the provider ran. */
  #part(part: WholePartEvent['part']): string {
    switch (part.type) {
      case 'provider-call':
        return this.#line(`  ${styled('cyan', '→')} ${excerpt(part.name, 100)}, run by the provider`)
      case 'media':
        return this.#line(dim(`  [${part.mediaType}]`))
      case 'provider-result':
      case 'reasoning':
        return ''
    }
  }

  /** The message itself is for standard error. */
  #fail({ steps = [], usage = noUsage, cost = null }: RunErrorEvent): string {
    const isIdle = steps.length === 0 && usage.inputTokens + usage.outputTokens === 0
    return isIdle ? '\n' : this.#line(`${this.#takeBill()}${total({ steps, usage, cost })}`)
  }

  #flow(kind: 'text' | 'reasoning', text: string): string {
    const start = this.#open === undefined || this.#open === kind ? '' : '\n'
    this.#open = kind
    return start + text
  }

  #line(text: string): string {
    const start = this.#open === undefined ? '' : '\n'
    this.#open = undefined
    return `${start}${text}\n`
  }

  #takeBill(): string {
    const text = this.#bill
    this.#bill = ''
    return text
  }
}

function stepHead({ index }: StepEvent): string {
  return `${index === 0 ? '' : '\n'}${bold(`step ${index + 1}`)}`
}

/** Models call tools that nobody has. */
function nameOf({ name }: ToolCall): string {
  return excerpt(name, 100)
}

function resultText({ output, isError }: ToolResult): string {
  const text = output.map((part) => (part.type === 'text' ? part.text : `[${part.mediaType}]`)).join(' ')
  return isError ? styled('red', excerpt(text, 200)) : excerpt(text, 200)
}

/** `429 rate-limited by GMICloud: …`, in the upstream's own words where there are any. */
function reason({ status, code, provider, raw, message }: Failure): string {
  const by = provider === null ? '' : ` by ${excerpt(provider, 100)}`
  return `${status === null ? '' : `${status} `}${code}${by}: ${excerpt(raw ?? message, 300)}`
}

function bill({ usage, cost, duration, provider, finishReason }: UsageEvent): string {
  const end = finishReason === 'stop' || finishReason === 'tool-calls' ? '' : ` · ${finishReason}`
  return `${tokens(usage)} · ${money(cost)} · ${seconds(duration)} · ${provider}${end}`
}

const endings: Readonly<Record<RunResult['ending'], string>> = {
  answer: '',
  'step-limit': 'the steps were used up before an answer came',
  length: 'the answer was cut off: its tokens were used up',
  'content-filter': 'the answer was cut off by a content filter',
}

function total({ steps, usage, cost }: Books): string {
  const count = `${steps.length} step${steps.length === 1 ? '' : 's'}`
  return `\n${bold('total')} ${count} · ${tokens(usage)} · ${money(cost)}`
}

function end(result: RunResult): string {
  const { ending, duration } = result
  const line = `${total(result)} · ${seconds(duration)}`
  return ending === 'answer' ? line : `${line}\n${styled('yellow', endings[ending])}`
}
