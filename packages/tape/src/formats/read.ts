/** Reads a cassette of any format, told by what it holds and not by its name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Cassette } from '../cassette.ts'
import { TapeError } from '../error.ts'
import { lineOf } from '../go-vcr/read-any-yaml.ts'
import { readGoVcr } from '../go-vcr/read.ts'
import { MemoryCassette } from '../memory-cassette.ts'
import { isNativeTape } from '../native/format.ts'
import { openNativeTape } from '../native/read.ts'
import { aimock } from './aimock.ts'
import { azureTestProxy } from './azure-test-proxy.ts'
import { ddTrace } from './dd-trace.ts'
import { easyVcr } from './easyvcr.ts'
import { exvcr } from './exvcr.ts'
import type { ForeignFormat } from './format.ts'
import { goVcr1 } from './go-vcr-1.ts'
import { har } from './har.ts'
import { isHttprr, readHttprr } from './httprr.ts'
import { mastra } from './mastra.ts'
import { noCassette, noText, refuse } from './no-cassette.ts'
import { nock } from './nock.ts'
import { phpVcr } from './php-vcr.ts'
import { isGzip, Reading } from './reading.ts'
import { reqCassette } from './req-cassette.ts'
import { reqLlm } from './req-llm.ts'
import { rubyVcr } from './ruby-vcr.ts'
import { seinfeld } from './seinfeld.ts'
import { undici } from './undici.ts'
import { unsupported, unsupportedText } from './unsupported.ts'
import { isFields, PlainScalar, rootEntry, ShapeError } from './values.ts'
import { vcrpy } from './vcrpy.ts'
import { readForeignYaml } from './yaml.ts'

/** The formats of others, the more telling ones first. */
const formats: readonly ForeignFormat[] = [
  rubyVcr,
  har,
  nock,
  undici,
  aimock,
  mastra,
  exvcr,
  phpVcr,
  easyVcr,
  azureTestProxy,
  seinfeld,
  reqLlm,
  ddTrace,
  reqCassette,
  goVcr1,
  vcrpy,
]

/** What a text of JavaScript can hold. */
export const longestText = 0x1fffffe8

/**
 * Reads a cassette of any format from memory; `openCassette` reads files. `name` stands for the file in errors.
 * Throws a TapeError that says in one line what the file is and what to do.
 */
export function readCassette(content: string | Uint8Array, name: string): Cassette {
  if (isNativeTape(content)) return openCopy(content, name)
  const plain = typeof content !== 'string' && isGzip(content) ? gunzip(content, name) : content
  if (isHttprr(plain)) return httprrCassette(plain, name)
  const text = typeof plain === 'string' ? plain : decode(plain, name)
  if (goVcrStart.test(text)) return goVcrCassette(text, name)
  const isJson = /^\s*[[{]/.test(text)
  const root = parse(text, name, isJson)
  if (isGoVcr2(root) && !isJson) return goVcrCassette(text, name)
  const format = formats.find((one) => one.matches(root))
  const other = unsupported(root)
  if (other !== undefined) throw unreadable(`${other}.`, name)
  if (format === undefined) throw noCassette(name)
  const reading = new Reading()
  try {
    const interactions = format.read(rootEntry(root), reading)
    return new MemoryCassette(name, format.name, interactions, {}, reading.warnings)
  } catch (cause) {
    throw explained(cause, text, name, isJson)
  }
}

/** A native tape is read from a file only, which nobody sees and which is gone with the process. */
function openCopy(content: string | Uint8Array, name: string): Cassette {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-'))
  try {
    const file = join(folder, 'copy.tape.jsonl')
    writeFileSync(file, content)
    return openNativeTape(file, name)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As its library starts every file. */
const goVcrStart = /^(?:---\r?\n)?version: *2\r?\ninteractions:/

function goVcrCassette(text: string, name: string): Cassette {
  const { interactions, style } = readGoVcr(text, name)
  return new MemoryCassette(name, 'go-vcr', interactions, { yaml: style })
}

function httprrCassette(content: string | Uint8Array, name: string): Cassette {
  const reading = new Reading()
  const interactions = readHttprr(content, name, reading)
  return new MemoryCassette(name, 'httprr', interactions, {}, reading.warnings)
}

function isGoVcr2(root: unknown): boolean {
  if (!isFields(root) || !('interactions' in root)) return false
  const { version } = root
  return version === 2 || version === '2' || (version instanceof PlainScalar && version.source === '2')
}

function decode(plain: Uint8Array, name: string): string {
  if (plain.length > longestText) throw tooLarge(name)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch (cause) {
    throw noText(plain, name, cause)
  }
}

export function tooLarge(file: string): TapeError {
  const sentence = 'the file is larger than 512 MB, which only a native tape may be; split it.'
  return new TapeError('too-large', sentence, { file })
}

function gunzip(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: longestText })
  } catch (cause) {
    throw unreadable(
      'it starts like gzip, but is broken or larger than 512 MB when unpacked; unpack it.',
      name,
      cause,
    )
  }
}

function parse(text: string, name: string, isJson: boolean): unknown {
  if (text.trim() === '') throw unreadable('the file is empty; record it again.', name)
  const other = isJson ? undefined : unsupportedText(text)
  if (other !== undefined) throw unreadable(`${other}.`, name)
  try {
    return isJson ? parseJson(text, name) : readForeignYaml(text, name)
  } catch (error) {
    return refuse(error, text, name)
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (isJsonLines(text)) throw unreadable(jsonLines, name)
    const { message } = cause instanceof Error ? cause : { message: '' }
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
    const line = text.slice(0, position).split('\n').length
    const sentence = 'this is not valid JSON; correct it or record the cassette again.'
    // Without the platform's error: that quotes what stands there.
    throw new TapeError('unreadable', sentence, { file: name, line })
  }
}

const jsonLines =
  'it holds lines of JSON, as only a native tape may, unpacked and with its first line; give a cassette.'

/** Whether the first line is a value of its own, and another value stands behind it. */
function isJsonLines(text: string): boolean {
  const [, first] = /^\s*(.*)\n\s*[[{]/.exec(text) ?? []
  try {
    JSON.parse(first ?? '')
    return true
  } catch {
    return false
  }
}

function explained(cause: unknown, text: string, name: string, isJson: boolean): unknown {
  if (cause instanceof RangeError) {
    return unreadable('its values are nested too deeply or too large for a cassette.', name, cause)
  }
  if (!(cause instanceof ShapeError)) return cause
  const line = isJson ? undefined : lineOf(text, cause.path)
  return new TapeError('unreadable', cause.message, {
    file: name,
    ...(line !== undefined && { line }),
    cause,
  })
}

function unreadable(sentence: string, file: string, cause?: unknown): TapeError {
  return new TapeError('unreadable', sentence, { file, cause })
}
