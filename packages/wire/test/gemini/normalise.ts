/** What two Gemini requests may differ in and still say the same: each line one normalisation. */
import { isObject, type Unread } from '../../src/json.ts'

/** Brings a request's body to the form that the encoder writes. */
export function normalise(body: unknown): Unread {
  const { contents, systemInstruction, tools, toolConfig, generationConfig, ...rest } = camel(body)
  const settings = camel(generationConfig)
  const config = camel(toolConfig)
  return {
    ...rest,
    // No role is the user's, `function` too; a content without parts says nothing.
    contents: joined(
      list(contents)
        .map(camel)
        .map(({ role, parts }) => ({
          role: role === 'model' ? 'model' : 'user',
          parts: list(parts).map(part),
        }))
        .filter(({ parts }) => parts.length > 0),
    ),
    // The role of the system's instruction says nothing.
    ...(systemInstruction !== undefined && {
      systemInstruction: {
        parts:
          typeof systemInstruction === 'string'
            ? [{ text: systemInstruction }]
            : list(camel(systemInstruction)['parts']).map(part),
      },
    }),
    ...(tools !== undefined && { tools: grouped(list(tools).map(camel)) }),
    ...(toolConfig !== undefined && {
      toolConfig: {
        ...config,
        ...('functionCallingConfig' in config && {
          functionCallingConfig: camel(config['functionCallingConfig']),
        }),
      },
    }),
    // Settings that are empty are none.
    ...(Object.keys(settings).length > 0 && { generationConfig: { ...settings, ...thinking(settings) } }),
  }
}

/** Names in camel case, without nulls. */
function camel(value: unknown): Unread {
  const fields = Object.entries(isObject(value) ? value : {}).filter(([, field]) => field !== null)
  return Object.fromEntries(
    fields.map(([name, field]) => [
      name.replace(/([a-z0-9])_([a-z0-9])/g, (_, a: string, b: string) => a + b.toUpperCase()),
      field,
    ]),
  )
}

/** One element stands for a list of one. */
function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** Input that was left out is empty; a thought's empty text is left out. */
function part(value: unknown): Unread {
  const { text, ...fields } = camel(value)
  const inner = Object.entries(fields).map(([name, field]) => [
    name,
    name === 'functionCall' ? { args: {}, ...camel(field) } : isObject(field) ? camel(field) : field,
  ])
  const isSaid = text !== undefined && !(fields['thought'] === true && text === '')
  return { ...(Object.fromEntries(inner) as Unread), ...(isSaid && { text }) }
}

interface Content {
  readonly role: string
  readonly parts: readonly Unread[]
}

/** Responses to the calls of one step stand in one content. */
function joined(contents: readonly Content[]): readonly Content[] {
  const all: Content[] = []
  for (const content of contents) {
    const last = all.at(-1)
    const isMore =
      last?.parts.at(-1)?.['functionResponse'] !== undefined &&
      content.parts[0]?.['functionResponse'] !== undefined
    if (isMore) all[all.length - 1] = { role: 'user', parts: [...last.parts, ...content.parts] }
    else all.push(content)
  }
  return all
}

/** Functions that follow each other stand in one object, each of Google's own tools in one; an empty description is none. */
function grouped(tools: readonly Unread[]): readonly Unread[] {
  const all: Unread[] = []
  let functions: Unread[] | undefined
  for (const [name, definition] of tools.flatMap((tool) => Object.entries(tool))) {
    if (name !== 'functionDeclarations') {
      functions = undefined
      all.push({ [name]: definition })
      continue
    }
    if (functions === undefined) {
      functions = []
      all.push({ functionDeclarations: functions })
    }
    for (const declaration of list(definition).map(camel)) {
      const { description, ...rest } = declaration
      functions.push({ ...rest, ...(description !== '' && description !== undefined && { description }) })
    }
  }
  return all
}

/** Levels are written in capitals. */
function thinking({ thinkingConfig }: Unread): Unread {
  if (thinkingConfig === undefined) return {}
  const { thinkingLevel, ...rest } = camel(thinkingConfig)
  return {
    thinkingConfig: {
      ...rest,
      ...(typeof thinkingLevel === 'string' && { thinkingLevel: thinkingLevel.toUpperCase() }),
    },
  }
}
