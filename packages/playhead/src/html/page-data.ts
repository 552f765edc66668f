/** What a page is made of: plain data, written into it as JSON. */
import type { FinishReason } from '@playhead/wire'

/** The line of an interaction in the list; all of them are read when the page opens. */
export interface Summary {
  readonly file: string
  readonly id: number
  readonly method: string
  readonly url: string
  /** Null when no head came. */
  readonly status: number | null
  /** What stands first: the last thing that was said or given to the model, or the URL. */
  readonly title: string
  readonly model: string
  /** Names of the tools that the answer calls. */
  readonly calls: readonly string[]
  readonly tone: Tone
  /** One word for how it went: a finish reason, a failure's code, a status. */
  readonly word: string
  /** `2.31 s`; empty where it is not known. */
  readonly duration: string
  /** The place on the page of the first interaction that asked exactly the same; null when there is none. */
  readonly same: number | null
  /** Names of the pieces that appear here for the first time: what a search looks through. */
  readonly pieces: readonly string[]
}

export type Tone = 'fine' | 'failed' | 'broken'

/** An interaction, read when it is looked at. */
export interface Detail {
  /** `recorded 2026-01-31 12:00:00`, the status, the dialect: what fits one line. */
  readonly facts: readonly string[]
  /** `temperature` `0.2`. */
  readonly settings: readonly (readonly [name: string, value: string])[]
  /** The place of what is `readonly Tool[]`; null when there are none. */
  readonly tools: number | null
  /** Places of messages: so many from each on. A history that only grows is one entry. */
  readonly messages: readonly (readonly [from: number, count: number])[]
  /** How many of the messages, from the first, have been on the page before. */
  readonly seen: number
  /** Why the request is not understood. */
  readonly misunderstood: string | null
  readonly outcome: Outcome
  readonly timeline: Timeline | null
  readonly request: Raw
  readonly response: Raw | null
}

export type Outcome =
  | {
      readonly type: 'answer'
      readonly message: number
      readonly finishReason: FinishReason
      /** Tokens, money, model: what fits one line. */
      readonly facts: readonly string[]
    }
  | {
      readonly type: 'failure'
      readonly code: string
      readonly message: string
      readonly raw: string | null
      /** The place of a message: what had come before it broke off. */
      readonly partial: number | null
      readonly facts: readonly string[]
    }
  | { readonly type: 'unknown'; readonly message: string }

export interface MessageView {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly parts: readonly PartView[]
}

export type PartView =
  | { readonly type: 'text'; readonly text: string; readonly sources: readonly string[] }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'call'
      readonly name: string
      readonly id: string
      readonly input: string
      readonly isProviders: boolean
    }
  | {
      readonly type: 'result'
      readonly name: string
      readonly id: string
      readonly isError: boolean
      readonly parts: readonly PartView[]
    }
  | MediaView

export interface MediaView {
  readonly type: 'media'
  readonly label: string
  readonly kind: 'image' | 'audio' | 'other'
  /** A `data:` URL of a small image or sound of a known type; empty for anything else. */
  readonly src: string
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly schema: string
}

export interface Raw {
  /** `POST https://…`, `200 OK`. */
  readonly head: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The place of the body's text. */
  readonly body: number
  /** What the page does not hold of it. */
  readonly note: string
}

/** When the pieces of a response came. */
export interface Timeline {
  /** Milliseconds until the head. */
  readonly head: number
  /** Milliseconds until the end. */
  readonly end: number
  readonly chunks: number
  readonly bytes: number
  /** Bytes that came in each of equal spans between sending the request and the end. */
  readonly spans: readonly number[]
  /** In words, for who does not see it. */
  readonly label: string
}

/** Sums over all interactions, written last. */
export interface Totals {
  /** Each stands for itself: `12 interactions`, `2 failed`. */
  readonly facts: readonly string[]
}

/** The text of a body, or how it differs from an earlier one: so many characters of its start and of its end. */
export type Text =
  | string
  | { readonly like: number; readonly start: number; readonly text: string; readonly end: number }
