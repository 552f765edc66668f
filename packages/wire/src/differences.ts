/** How one question to a model differs from another, in the words of a conversation. */
import { change, excerpt, fieldChanges, word } from './change.ts'
import { arrayOr, objectOr, stringIn, stringOr, type Unread } from './json.ts'

/** One line for each place; both are canonical requests. Messages and parts are counted from 1. */
export function differencesOf(recorded: unknown, asked: unknown): readonly string[] {
  const { model, messages, tools, ...settings } = objectOr(recorded)
  const { model: newModel, messages: newMessages, tools: newTools, ...newSettings } = objectOr(asked)
  return [
    ...fieldChanges('model', model, newModel),
    ...changes(settings, newSettings),
    ...toolChanges(objectsIn(tools), objectsIn(newTools)),
    ...messageChanges(objectsIn(messages), objectsIn(newMessages)),
  ]
}

function objectsIn(value: unknown): readonly Unread[] {
  return arrayOr(value).map(objectOr)
}

function toolChanges(recorded: readonly Unread[], asked: readonly Unread[]): string[] {
  const [before, after] = [byName(recorded), byName(asked)]
  const missing = [...before.keys()].filter((name) => !after.has(name))
  const added = [...after.keys()].filter((name) => !before.has(name))
  const common = [...before.keys()].filter((name) => after.has(name))
  const isMoved = common.join('\n') !== [...after.keys()].filter((name) => before.has(name)).join('\n')
  return [
    ...some('tool', missing, 'missing'),
    ...some('tool', added, 'new'),
    ...common.flatMap((name) => within(`tool ${word(name)}`, before.get(name), after.get(name))),
    ...(isMoved ? ['the tools stand in another order'] : []),
  ]
}

/** A second tool of one name is one of its own. */
function byName(tools: readonly Unread[]): ReadonlyMap<string, Unread> {
  const named = new Map<string, Unread>()
  for (const tool of tools) {
    let name =
      stringIn(tool, 'name') ?? stringIn(objectOr(tool['definition']), 'name', 'type') ?? 'without a name'
    while (named.has(name)) name += ' again'
    named.set(name, tool)
  }
  return named
}

function some(kind: string, names: readonly string[], what: string): string[] {
  if (names.length === 0) return []
  const words = names.map(word).join(', ')
  return [names.length === 1 ? `${kind} ${words} is ${what}` : `${kind}s ${words} are ${what}`]
}

/** A list of messages, and where in it one looks. */
interface Place {
  readonly messages: readonly Unread[]
  readonly index: number
}

function messageChanges(recorded: readonly Unread[], asked: readonly Unread[]): string[] {
  return stretches(recorded, asked, roleOf).flatMap(({ what, before, after, count }) => {
    if (what === 'new') return listed(asked, after, after + count, what)
    if (what === 'missing') return listed(recorded, before, before + count, what)
    return messageChange({ messages: recorded, index: before }, { messages: asked, index: after })
  })
}

/** Where two lists differ: one element is changed, or some are only in the one or the other. */
interface Stretch {
  readonly what: 'changed' | 'missing' | 'new'
  readonly before: number
  readonly after: number
  count: number
}

/** What begins and ends alike is left out; between, elements of one kind are the same one, changed. */
function stretches(
  recorded: readonly Unread[],
  asked: readonly Unread[],
  kindOf: (element: Unread) => string,
): readonly Stretch[] {
  const [start, end] = commonEnds(recorded, asked)
  const [lastBefore, lastAfter] = [recorded.length - end, asked.length - end]
  const [old, now] = [recorded.map(kindOf), asked.map(kindOf)]
  const found: Stretch[] = []
  let [before, after] = [start, start]
  while (before < lastBefore || after < lastAfter) {
    const surplus = lastAfter - after - (lastBefore - before)
    const isBoth = before < lastBefore && after < lastAfter
    const isOne = surplus === 0 || (isBoth && old[before] === now[after])
    const what = isOne ? 'changed' : surplus > 0 ? 'new' : 'missing'
    const last = found.at(-1)
    if (!isOne && last?.what === what) last.count += 1
    else found.push({ what, before, after, count: 1 })
    if (what !== 'new') before += 1
    if (what !== 'missing') after += 1
  }
  return found
}

/** How many elements are the same at the start, and of the others at the end. */
function commonEnds(recorded: readonly Unread[], asked: readonly Unread[]): readonly [number, number] {
  const [before, after] = [recorded, asked].map((list) => list.map((one) => JSON.stringify(one)))
  const shorter = Math.min(recorded.length, asked.length)
  let start = 0
  while (start < shorter && before?.at(start) === after?.at(start)) start += 1
  let end = 0
  while (end < shorter - start && before?.at(-1 - end) === after?.at(-1 - end)) end += 1
  return [start, end]
}

function listed(messages: readonly Unread[], start: number, end: number, what: string): string[] {
  if (start >= end) return []
  const message = messages[start] ?? {}
  const shown = `${roleOf(message)}: ${shownParts({ messages, index: start })}`
  if (end === start + 1) return [`message ${end} is ${what}: ${shown}`]
  return [`messages ${start + 1} to ${end} are ${what}, the first of them: ${shown}`]
}

function roleOf(message: Unread): string {
  return stringOr(message['role']) ?? 'nobody'
}

function shownParts(place: Place): string {
  const parts = contentAt(place).map((part) => partName(part, place))
  return excerpt(parts.length === 0 ? 'nothing' : parts.join(', '))
}

function contentAt({ messages, index }: Place): readonly Unread[] {
  return objectsIn(messages[index]?.['content'])
}

function messageChange(recorded: Place, asked: Place): string[] {
  const [before, after] = [recorded, asked].map(({ messages, index }) => messages[index] ?? {})
  const where = `message ${asked.index + 1}`
  if (before?.['role'] !== after?.['role']) {
    const shown = [recorded, asked].map(
      (place) => `${roleOf(place.messages[place.index] ?? {})}: ${shownParts(place)}`,
    )
    return [`${where}: ${shown.join(' → ')}`]
  }
  const named = `${where} (${roleOf(after ?? {})})`
  const { content: _before, ...rest } = before ?? {}
  const { content: _after, ...newRest } = after ?? {}
  return [...partChanges(named, recorded, asked), ...within(named, rest, newRest)]
}

function partChanges(where: string, recorded: Place, asked: Place): string[] {
  const [before, after] = [contentAt(recorded), contentAt(asked)]
  const isAlone = before.length === 1 && after.length === 1
  return stretches(before, after, kindOfPart).flatMap((stretch) => {
    const { what, count } = stretch
    if (what === 'new') return listedParts(where, asked, stretch.after, count, what)
    if (what === 'missing') return listedParts(where, recorded, stretch.before, count, what)
    const [old, now] = [before[stretch.before] ?? {}, after[stretch.after] ?? {}]
    const place = isAlone ? where : `${where}, part ${stretch.after + 1}`
    if (old['type'] !== now['type']) return [`${place}: ${partName(old, recorded)} → ${partName(now, asked)}`]
    return (partChange[String(now['type'])] ?? within)(
      now['type'] === 'tool-result' || now['type'] === 'tool-call' ? `${where}, ${label(now, asked)}` : place,
      old,
      now,
    )
  })
}

/** A call of another tool is another call. */
function kindOfPart({ type, name }: Unread): string {
  return JSON.stringify([type, name])
}

function listedParts(where: string, place: Place, start: number, count: number, what: string): string[] {
  const parts = contentAt(place).slice(start, start + count)
  return parts.map((part) => `${where}: ${partName(part, place)} is ${what}`)
}

/** What a change of a part is called, by its type; any other is its fields. */
const partChange: Readonly<Record<string, (where: string, old: Unread, now: Unread) => string[]>> = {
  text: (where, old, now) => inner(where, 'text', old, now, JSON.stringify),
  reasoning: (where, old, now) => inner(`${where}, reasoning`, 'text', old, now, JSON.stringify),
  'tool-call': (where, old, now) => {
    const { name, ...rest } = old
    const { name: newName, ...newRest } = now
    return [...within(where, { name }, { name: newName }), ...within(where, rest, newRest)]
  },
  'tool-result': (where, old, now) => {
    const [text, newText] = [old, now].map((result) => onlyText(result['output']))
    if (text === undefined || newText === undefined) return within(where, old, now)
    return inner(where, 'output', { ...old, output: text }, { ...now, output: newText })
  },
}

/** The text of what is one part of nothing but text. */
function onlyText(output: unknown): string | undefined {
  const [part, ...others] = objectsIn(output)
  const { type, text, ...more } = part ?? {}
  const isOnly = type === 'text' && typeof text === 'string' && others.length === 0
  return isOnly && Object.keys(more).length === 0 ? text : undefined
}

/** One field is what it is about; the others are named. */
function inner(
  where: string,
  field: string,
  old: Unread,
  now: Unread,
  show?: (value: unknown) => string,
): string[] {
  const { [field]: before, ...rest } = old
  const { [field]: after, ...newRest } = now
  return [
    ...(before === after ? [] : [`${where}: ${change(before, after, show)}`]),
    ...within(where, rest, newRest),
  ]
}

function within(where: string, old: unknown, now: unknown): string[] {
  return changes(old, now).map((line) => `${where}, ${line}`)
}

/** What only one dialect says is named as the dialect names it. */
function changes(recorded: unknown, asked: unknown): string[] {
  const [{ data, ...old }, { data: newData, ...now }] = [objectOr(recorded), objectOr(asked)]
  const [before, after] = [objectOr(data), objectOr(newData)]
  const own = Object.keys({ ...before, ...after }).flatMap((dialect) => {
    const lines = fieldChanges('', objectOr(before[dialect]), objectOr(after[dialect]))
    return lines.length > 0 ? lines : fieldChanges(dialect, before[dialect], after[dialect])
  })
  return [...fieldChanges('', old, now), ...own]
}

function partName(part: Unread, place: Place): string {
  const { type, text, input, inputText, output, mediaType, source } = part
  switch (type) {
    case 'text':
      return excerpt(JSON.stringify(text))
    case 'reasoning':
      return excerpt(`reasoning ${JSON.stringify(text)}`)
    case 'tool-call':
      return excerpt(`${label(part, place)} ${JSON.stringify(input ?? inputText)}`)
    case 'tool-result':
      return excerpt(`${label(part, place)} ${JSON.stringify(onlyText(output) ?? output)}`)
    case 'media':
      return excerpt(
        `${stringOr(mediaType) ?? 'media'} (${stringIn(objectOr(source), 'type', 'url') ?? 'nothing'})`,
      )
    default:
      return excerpt(`${stringOr(type) ?? 'a part'} ${JSON.stringify(part)}`)
  }
}

/** A result is called by its tool, which the call before it names. */
function label(part: Unread, { messages, index }: Place): string {
  if (part['type'] === 'tool-call') return `call of ${word(stringOr(part['name']) ?? '')}`
  const calls = messages.slice(0, index).findLast((message) => message['role'] === 'assistant')
  const call = objectsIn(calls?.['content']).find(({ type, id }) => type === 'tool-call' && id === part['id'])
  const name = stringOr(part['name']) ?? stringOr(call?.['name'])
  return name === null ? `result of call ${word(stringOr(part['id']) ?? '')}` : `result of ${word(name)}`
}
