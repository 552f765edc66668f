/** Secrets of a configuration: named by where they are kept, never written out. */
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { codeOf } from '../thrown.ts'
import { type Reading, scalar, Wrong } from './shape.ts'

const secretPattern = String.raw`^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$`

/** What a variable or a file says; never the secret itself. */
export const secret = scalar(
  'env:NAME or file:/path: a key itself does not stand in this file',
  { type: 'string', pattern: secretPattern },
  (said, reading) => resolveSecret(said, reading),
)

/** Text, or the place where it is kept. */
export const textOrSecret = scalar(
  'text, env:NAME or file:/path',
  { type: 'string', minLength: 1 },
  (said, reading) =>
    new RegExp(secretPattern).test(said) ? resolveSecret(said, reading) : said === '' ? undefined : said,
)

/** Undefined for what names no place. */
export function resolveSecret(
  said: string,
  { environment, folder }: Pick<Reading, 'environment' | 'folder'>,
): string | Wrong | undefined {
  const [, kind, where = ''] = /^(env|file):(.+)$/.exec(said) ?? []
  if (kind === 'env') {
    if (!/^[A-Za-z_]\w*$/.test(where)) return undefined
    const value = environment[where] ?? ''
    return value === '' ? new Wrong(`the variable ${where} is not set: set it, or name another`) : value
  }
  if (kind !== 'file') return undefined
  const file = isAbsolute(where) ? where : resolve(folder, where)
  try {
    const value = readFileSync(file, 'utf8').trim()
    return value === '' ? new Wrong(`the file ${file} is empty: write the secret into it`) : value
  } catch (error) {
    return new Wrong(
      `the file ${file} cannot be read (${codeOf(error) ?? 'unknown error'}): the secret is to stand in it`,
    )
  }
}

/**
 * What keys look like, by their first letters: of OpenAI and those who took after it, Groq, xAI, Google, AWS, Hugging Face,
 * Perplexity, Fireworks, Replicate, Cerebras, and our own.
 */
const keyPattern =
  /^(sk-[\w-]{16,}|gsk_\w{16,}|xai-\w{16,}|AIza[\w-]{30,}|A[KS]IA[A-Z0-9]{16}|hf_\w{16,}|pplx-\w{16,}|fw_\w{16,}|r8_\w{16,}|csk-\w{16,}|Bearer .+)$/

/** Whether a text is a key that should not stand in a file. */
export function looksLikeKey(text: string): boolean {
  return keyPattern.test(text)
}
