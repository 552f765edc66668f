/** The go-vcr 2 cassette: its types, its fields in their order, and what `extra` keeps of them. */

import type { FormatFields, Interaction } from '../interaction.ts'

/** A cassette as its file holds it. */
export interface GoVcrFile {
  /** How the file is indented, so that it can be written again the same. */
  readonly style: YamlStyle
  readonly interactions: readonly Interaction[]
}

/** How a Go YAML library writes: which one, and with which options. */
export interface YamlStyle {
  /** Who chose the quotes: go-yaml (yaml.v3 and yaml.v4) or goccy/go-yaml. */
  readonly library: 'go-yaml' | 'goccy'
  /** Spaces for one level. */
  readonly indent: 2 | 4
  /** Whether `- ` counts as part of a list's indentation (yaml.v4's `CompactSeqIndent`). */
  readonly compact: boolean
}

/** The default of yaml.v3, and so of go-vcr itself. */
export const yamlV3Style: YamlStyle = { library: 'go-yaml', indent: 4, compact: false }
/** yaml.v4 with `CompactSeqIndent()`. */
export const yamlV4Style: YamlStyle = { library: 'go-yaml', indent: 4, compact: true }
/** yaml.v4 with `CompactSeqIndent()` and `SetIndent(2)`. */
export const yamlV4NarrowStyle: YamlStyle = { library: 'go-yaml', indent: 2, compact: true }
/** goccy/go-yaml, which go-vcr had in some releases of its v4. */
export const goccyStyle: YamlStyle = { library: 'goccy', indent: 2, compact: true }

/** A name and its values, in the order of the file: an entry of Go's `http.Header` or `url.Values`. */
export type NamedValues = readonly [name: string, values: readonly string[]]

/** What the `extra` of a request and of a response has in common. Each field is absent where the file has none. */
interface GoVcrMessageFields extends FormatFields {
  readonly proto?: string
  readonly proto_major?: number
  readonly proto_minor?: number
  /** Bytes of the body, -1 when unknown. */
  readonly content_length?: number
  readonly transfer_encoding?: readonly string[]
  readonly trailer?: readonly NamedValues[]
  /**
   * The names of all fields that the file has, where they are not those that go-vcr writes today for
   * these values; just these are written again.
   */
  readonly fields?: readonly string[]
  /** Every header's name, where one of them has an empty list of values. */
  readonly header_names?: readonly string[]
}

/** The `extra` of a request from a go-vcr cassette. */
export interface GoVcrRequestFields extends GoVcrMessageFields {
  /** The interaction's `id` where it is not its position; `null` where it has none. */
  readonly id?: number | null
  readonly host?: string
  readonly remote_addr?: string
  readonly request_uri?: string
  readonly form?: readonly NamedValues[]
  /** `method` where it is empty, which is Go's way of saying GET. */
  readonly method?: string
}

/** The `extra` of a response from a go-vcr cassette. */
export interface GoVcrResponseFields extends GoVcrMessageFields {
  /** Whether Go took the content encoding off the body. */
  readonly uncompressed?: boolean
  /** `status` where it is not the code, a space and the text. */
  readonly status?: string
}

/**
 * What a field of the file holds. A field of type `interaction` lives in the interaction itself, all
 * others in its `extra`, by their own names.
 */
export type FieldType = 'text' | 'integer' | 'flag' | 'list' | 'values' | 'interaction'

export interface Field {
  readonly name: string
  readonly type: FieldType
  /** Whether go-vcr leaves it out when it is empty (`omitempty`, since its v4.0.3). */
  readonly omitEmpty: boolean
}

/** The fields of `cassette.Request`, in the order of the Go struct. */
export const requestFields: readonly Field[] = [
  { name: 'proto', type: 'text', omitEmpty: false },
  { name: 'proto_major', type: 'integer', omitEmpty: false },
  { name: 'proto_minor', type: 'integer', omitEmpty: false },
  { name: 'content_length', type: 'integer', omitEmpty: false },
  { name: 'transfer_encoding', type: 'list', omitEmpty: true },
  { name: 'trailer', type: 'values', omitEmpty: true },
  { name: 'host', type: 'text', omitEmpty: false },
  { name: 'remote_addr', type: 'text', omitEmpty: true },
  { name: 'request_uri', type: 'text', omitEmpty: true },
  { name: 'body', type: 'interaction', omitEmpty: true },
  { name: 'form', type: 'values', omitEmpty: true },
  { name: 'headers', type: 'interaction', omitEmpty: true },
  { name: 'url', type: 'interaction', omitEmpty: false },
  { name: 'method', type: 'interaction', omitEmpty: false },
]

/** The fields of `cassette.Response`, in the order of the Go struct. */
export const responseFields: readonly Field[] = [
  { name: 'proto', type: 'text', omitEmpty: false },
  { name: 'proto_major', type: 'integer', omitEmpty: false },
  { name: 'proto_minor', type: 'integer', omitEmpty: false },
  { name: 'transfer_encoding', type: 'list', omitEmpty: true },
  { name: 'trailer', type: 'values', omitEmpty: true },
  { name: 'content_length', type: 'integer', omitEmpty: false },
  { name: 'uncompressed', type: 'flag', omitEmpty: true },
  { name: 'body', type: 'interaction', omitEmpty: false },
  { name: 'headers', type: 'interaction', omitEmpty: false },
  { name: 'status', type: 'interaction', omitEmpty: false },
  { name: 'code', type: 'interaction', omitEmpty: false },
  { name: 'duration', type: 'interaction', omitEmpty: false },
]
