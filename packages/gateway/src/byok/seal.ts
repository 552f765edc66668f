/** Upstream keys as the store has them: whoever reads it without the gateway's secret has none of them. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** What a sealed key is for. It opens for nothing else: a row that is put into another's place gives nobody a key. */
export interface SealedFor {
  /** The public part of its holder's key here. */
  readonly keyId: string
  readonly provider: string
}

const algorithm = 'aes-256-gcm'
const [ivLength, tagLength] = [12, 16]
/** So that another way to seal can be told from this one. */
const version = 'v1.'

export function seal(upstreamKey: string, secret: string, what: SealedFor): string {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv(algorithm, sealingKey(secret), iv).setAAD(dataOf(what))
  const text = Buffer.concat([cipher.update(upstreamKey, 'utf8'), cipher.final()])
  return version + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

/** Null for what was sealed under another secret, for something else, or was changed. */
export function unseal(sealed: string, secret: string, what: SealedFor): string | null {
  if (!sealed.startsWith(version)) return null
  const bytes = Buffer.from(sealed.slice(version.length), 'base64url')
  if (bytes.length < ivLength + tagLength) return null
  const [iv, tag, text] = [
    bytes.subarray(0, ivLength),
    bytes.subarray(ivLength, ivLength + tagLength),
    bytes.subarray(ivLength + tagLength),
  ]
  const decipher = createDecipheriv(algorithm, sealingKey(secret), iv, { authTagLength: tagLength })
    .setAAD(dataOf(what))
    .setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/** Another key than the one that hashes are made with, from the same secret. */
function sealingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'playhead upstream keys', 32))
}

function dataOf({ keyId, provider }: SealedFor): Buffer {
  return Buffer.from(JSON.stringify([keyId, provider]))
}
