/** Writes YAML blocks the way Go's yaml.v3 and yaml.v4 lay them out. */

import type { YamlStyle } from './format.ts'
import { goccyLine, goccyScalar } from './goccy.ts'
import { binaryScalar, lineScalar, textScalar } from './scalar.ts'

/** A text, bytes that are no text, a number, a flag, or a block of these. */
export type YamlNode = Scalar | YamlMap | YamlList
type Scalar = string | Uint8Array | number | boolean
export type YamlMap = ReadonlyMap<string, YamlNode>
export type YamlList = readonly YamlNode[]

/** A key that is longer, in bytes, or has a line break, is written as `? key` (`yaml_emitter_check_simple_key`). */
const longestSimpleKey = 128
const lineBreak = /[\n\r\x85\u2028\u2029]/

const usualKey = /^[\w-]{1,100}$/

/** A document that is a map. */
export function writeYaml(map: YamlMap, style: YamlStyle): string {
  return `---\n${mapLines(map, 0, style)}\n`
}

/** The lines of a map; its first line has no indentation yet, and its last no line break. */
function mapLines(map: YamlMap, indent: number, style: YamlStyle): string {
  let lines = ''
  let start = ''
  const next = `\n${' '.repeat(indent)}`
  for (const [key, node] of map) {
    lines += start + entry(key, node, indent, style)
    start = next
  }
  return lines
}

function entry(key: string, node: YamlNode, indent: number, style: YamlStyle): string {
  if (style.library === 'goccy') return `${goccyLine(key)}:${afterKey(node, indent, style)}`
  if (usualKey.test(key)) return `${lineScalar(key)}:${afterKey(node, indent, style)}`
  if (Buffer.byteLength(key) <= longestSimpleKey && !lineBreak.test(key)) {
    return `${lineScalar(key)}:${afterKey(node, indent, style)}`
  }
  const question = `? ${textScalar(key, nextIndent(indent, style), indent)}\n${' '.repeat(indent)}`
  return `${question}:${afterColon(node, indent, style)}`
}

/** The value of a simple key, from behind its colon. */
function afterKey(node: YamlNode, indent: number, style: YamlStyle): string {
  const inner = nextIndent(indent, style)
  if (isMap(node)) return node.size === 0 ? ' {}' : `\n${' '.repeat(inner)}${mapLines(node, inner, style)}`
  if (!isList(node)) return ` ${scalar(node, inner, indent, style)}`
  const items = style.compact ? inner - 2 : inner
  return node.length === 0 ? ' []' : `\n${' '.repeat(items)}${listLines(node, items, style)}`
}

/** The value of a `? key`: a list starts on the line of the colon, and is never compact. */
function afterColon(node: YamlNode, indent: number, style: YamlStyle): string {
  if (!isList(node) || node.length === 0) return afterKey(node, indent, style)
  const inner = nextIndent(indent, style)
  return `${' '.repeat(inner - indent - 1)}${listLines(node, inner, style)}`
}

/** By adding up: `join` would copy all of it once for each level. */
function listLines(list: YamlList, indent: number, style: YamlStyle): string {
  let lines = ''
  let start = '- '
  for (const node of list) {
    lines += start + listItem(node, indent + 2, indent, style)
    start = `\n${' '.repeat(indent)}- `
  }
  return lines
}

function listItem(node: YamlNode, inner: number, indent: number, style: YamlStyle): string {
  if (isMap(node)) return node.size === 0 ? '{}' : mapLines(node, inner, style)
  if (isList(node)) return node.length === 0 ? '[]' : listLines(node, inner, style)
  return scalar(node, inner, indent, style)
}

/** A scalar whose further lines are indented by `indent`, in a block that is indented by `parentIndent`. */
function scalar(node: Scalar, indent: number, parentIndent: number, style: YamlStyle): string {
  if (node instanceof Uint8Array) return binaryScalar(node, indent)
  if (typeof node !== 'string') return String(node)
  return style.library === 'goccy' ? goccyScalar(node, indent) : textScalar(node, indent, parentIndent)
}

/** The next multiple of the style's indentation (`yaml_emitter_increase_indent`). */
function nextIndent(indent: number, style: YamlStyle): number {
  return style.indent * Math.floor((indent + style.indent) / style.indent)
}

function isMap(node: YamlNode): node is YamlMap {
  return node instanceof Map
}

function isList(node: YamlNode): node is YamlList {
  return Array.isArray(node)
}
