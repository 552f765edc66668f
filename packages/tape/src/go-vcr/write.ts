/** Writes a go-vcr 2 cassette. */

import type {
  FormatFields,
  HeaderList,
  Interaction,
  RecordedRequest,
  RecordedResponse,
} from '../interaction.ts'
import { formatDuration } from './duration.ts'
import {
  type GoVcrFile,
  type Field,
  type FieldType,
  type NamedValues,
  requestFields,
  responseFields,
} from './format.ts'
import { isEmpty, isTexts } from './shape.ts'
import { writeYaml, type YamlMap, type YamlNode } from './write-yaml.ts'

/**
 * The text of the cassette's file, byte for byte as go-vcr wrote it or would write it. What an
 * interaction's `extra` does not say is what go-vcr records of an HTTP/1.1 client. Values of a header
 * that is repeated come together under its first place, because the file holds a map.
 */
export function writeGoVcr(cassette: GoVcrFile): string {
  const answered = cassette.interactions.filter(({ response }) => response !== null)
  const interactions = answered.flatMap(interactionNode)
  const root = new Map<string, YamlNode>([
    ['version', 2],
    ['interactions', interactions],
  ])
  return writeYaml(root, cassette.style)
}

/** None for a request that was never answered: the format cannot say so. */
function interactionNode({ request, response }: Interaction, position: number): YamlMap[] {
  if (response === null) return []
  const id = request.extra?.['id'] === undefined ? position : request.extra['id']
  return [
    new Map<string, YamlNode>([
      ...(typeof id === 'number' ? [['id', id] as const] : []),
      ['request', messageNode(requestFields, requestNodes(request), request.extra)],
      ['response', messageNode(responseFields, responseNodes(response), response.extra)],
    ]),
  ]
}

/** What go-vcr records of a client that speaks HTTP/1.1, and what the request says itself. */
function requestNodes(request: RecordedRequest): Nodes {
  const { method, url, headers, body, extra } = request
  return {
    proto: 'HTTP/1.1',
    proto_major: 1,
    proto_minor: 1,
    content_length: typeof body === 'string' ? Buffer.byteLength(body) : body.length,
    host: '',
    body,
    headers: headersNode(headers, extra),
    url,
    method: extra?.['method'] === '' && method === 'GET' ? '' : method,
  }
}

function responseNodes(response: RecordedResponse): Nodes {
  const { status, statusText, headers, body, duration, extra } = response
  return {
    proto: 'HTTP/1.1',
    proto_major: 1,
    proto_minor: 1,
    content_length: -1,
    body,
    headers: headersNode(headers, extra),
    status: typeof extra?.['status'] === 'string' ? extra['status'] : `${status} ${statusText}`,
    code: status,
    duration: formatDuration(duration),
  }
}

/** Fields by name; one that is absent is empty. */
type Nodes = Readonly<Record<string, YamlNode>>

/** The fields that the file had, or those that go-vcr writes. */
function messageNode(fields: readonly Field[], nodes: Nodes, extra: FormatFields = {}): YamlMap {
  const had = extra['fields']
  const map = new Map<string, YamlNode>()
  const known = isTexts(had) ? had.flatMap((name) => fields.filter((field) => field.name === name)) : fields
  for (const { name, type, omitEmpty } of known) {
    const node = extraNode(type, extra[name]) ?? nodes[name] ?? emptyNodes[type]
    if (known !== fields || !omitEmpty || !isEmpty(node)) map.set(name, node)
  }
  return map
}

/** A field of `extra`, unless another format or program put something else there under this name. */
function extraNode(type: FieldType, value: unknown): YamlNode | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? Number(value) : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'list':
      return isTexts(value) ? value : undefined
    case 'values':
      return isNamedValues(value) ? new Map(value) : undefined
    case 'interaction':
      return undefined
  }
}

const emptyNodes: Readonly<Record<FieldType, YamlNode>> = {
  text: '',
  integer: 0,
  flag: false,
  list: [],
  values: new Map(),
  interaction: '',
}

function headersNode(headers: HeaderList, extra: FormatFields = {}): YamlMap {
  const names = isTexts(extra['header_names']) ? extra['header_names'] : []
  const values = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const [name, value] of headers) {
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else known.push(value)
  }
  return values
}

function isNamedValues(value: unknown): value is readonly NamedValues[] {
  return (
    Array.isArray(value) &&
    value.every((item) => Array.isArray(item) && typeof item[0] === 'string' && isTexts(item[1]))
  )
}
