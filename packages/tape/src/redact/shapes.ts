/** What keys look like, and the ids of accounts. */
import { isDistinctive } from './secrets.ts'

/** A string that is known by how it begins and goes on. */
export interface Shape {
  /** What it is reported and allowed by; null for an account's id, which is masked and no cause for alarm. */
  readonly name: string | null
  /** How it begins, exactly so, and never within a word. */
  readonly prefix: string
  /** Bytes that it goes on with. */
  readonly goesOn: Uint8Array
  /** What goes on is looked at when it is over, or when there is so much of it. */
  readonly enough: number
  /** Decides: is it one? */
  readonly test: (rest: string) => boolean
  /** Bytes that it never stands after: it would be the middle of something else. */
  readonly after: Uint8Array
  /** Whether what it begins with stays. */
  readonly keepsPrefix?: boolean
  /** How much of what it goes on with is masked, where not all is. */
  readonly masks?: (rest: string) => number
  /** The rows of dashes that it has, the last of which ends it. */
  readonly rows?: number
}

const word = classOf(/[A-Za-z0-9_-]/)
const dotted = classOf(/[A-Za-z0-9_.-]/)
/** Without its padding, which stays: a key may begin after one. */
const base64 = classOf(/[A-Za-z0-9+/]/)
const inBase64 = classOf(/[A-Za-z0-9+/_-]/)
const resource = classOf(/[a-z0-9:-]/)
const path = classOf(/[\w/-]/)
const inUserInfo = classOf(/[^\s"'<>`\\/?#(){}[\],|]/)
const pem = classOf(/[A-Za-z0-9+/=\\\s:,.-]/)

/** Keys by the prefixes that their issuers gave them. */
export const keyShapes: readonly Shape[] = [
  shape('openai-key', 'sk-', (rest) => !/^(ant|or|ph|lf)-/.test(rest) && isRandom(rest)),
  shape('anthropic-key', 'sk-ant-', isRandom),
  shape('openrouter-key', 'sk-or-', isRandom),
  shape('playhead-key', 'sk-ph-', isRandom),
  shape('langfuse-key', 'sk-lf-', (rest) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(rest)),
  shape('google-key', 'AIza', (rest) => rest.length === 35 && isRandom(rest)),
  shape('google-client-secret', 'GOCSPX-', (rest) => rest.length === 28),
  shape('google-access-token', 'ya29.', (rest) => rest.length >= 40, dotted),
  shape('aws-access-key', 'AKIA', isAccessKey),
  shape('aws-access-key', 'ASIA', isAccessKey),
  shape('aws-bedrock-key', 'ABSK', (rest) => rest.length >= 60 && isRandom(rest), base64, inBase64),
  shape('aws-bedrock-key', 'bedrock-api-key-', (rest) => rest.length >= 60, base64, inBase64),
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((kind) =>
    shape('github-token', `${kind}_`, (rest) => /^[A-Za-z\d]{36,}$/.test(rest) && isRandom(rest)),
  ),
  shape('github-token', 'github_pat_', (rest) => rest.length >= 40 && isRandom(rest)),
  shape('gitlab-token', 'glpat-', (rest) => rest.length >= 20 && isRandom(rest)),
  ...['a', 'b', 'e', 'o', 'p', 'r', 's'].map((kind) =>
    shape('slack-token', `xox${kind}-`, (rest) => rest.length >= 20 && /\d{6}|\d.*[A-Za-z]/.test(rest)),
  ),
  shape('slack-token', 'xapp-', (rest) => rest.length >= 40 && isRandom(rest)),
  shape('groq-key', 'gsk_', isRandom),
  shape('hugging-face-token', 'hf_', (rest) => /^[A-Za-z\d]{30,40}$/.test(rest) && isMixed(rest)),
  shape('xai-key', 'xai-', (rest) => /^[A-Za-z\d]{60,}$/.test(rest)),
  shape('perplexity-key', 'pplx-', (rest) => /^[A-Za-z\d]{40,}$/.test(rest)),
  shape('nvidia-key', 'nvapi-', (rest) => rest.length >= 50 && isRandom(rest)),
  shape('cerebras-key', 'csk-', isRandom),
  shape('fireworks-key', 'fw_', (rest) => /^[A-Za-z\d]{20,40}$/.test(rest) && isMixed(rest)),
  shape('together-key', 'tgp_v1_', (rest) => rest.length >= 30),
  shape('replicate-token', 'r8_', (rest) => /^[A-Za-z\d]{37}$/.test(rest)),
  shape('vercel-key', 'vck_', (rest) => /^[A-Za-z\d]{40,}$/.test(rest)),
  shape('tavily-key', 'tvly-', isRandom),
  shape('langsmith-key', 'lsv2_', (rest) => /^(pt|sk)_[\da-f]{32}_[\da-f]{10}$/.test(rest)),
  shape('stripe-key', 'sk_live_', isRandom),
  shape('stripe-key', 'rk_live_', isRandom),
  shape('npm-token', 'npm_', (rest) => /^[A-Za-z\d]{36}$/.test(rest) && isRandom(rest)),
  shape('sendgrid-key', 'SG.', (rest) => /^[\w-]{22}\.[\w-]{43}$/.test(rest), dotted),
  webhook('slack-webhook', 'hooks.slack.com/services/', (rest) => /^T\w+\/B\w+\/\w{16,}$/.test(rest)),
  webhook('discord-webhook', '/api/webhooks/', (rest) => /^\d{10,25}\/[\w-]{40,}$/.test(rest)),
  {
    ...webhook('telegram-token', 'api.telegram.org/bot', (rest) => /^\d{6,}:[\w-]{30,}$/.test(rest)),
    goesOn: classOf(/[\w:-]/),
  },
  {
    ...shape('jwt', 'eyJ', (rest) => /^[\w-]{10,}\.eyJ[\w-]{10,}(\.[\w-]*)?$/.test(rest), dotted),
    enough: 1024,
  },
  {
    ...shape('private-key', '-----BEGIN ', isPrivateKey, pem, classOf(/(?!)/)),
    enough: 256,
    rows: 4,
  },
]

/** Ids by which providers know who asks. OpenAI names them in its errors. */
export const accountShapes: readonly Shape[] = [
  shape(null, 'org-', isAccount),
  shape(null, 'proj_', isAccount),
  ...['aws', 'aws-us-gov', 'aws-cn'].flatMap((part) =>
    ['iam', 'sts'].map((service) => ({
      ...shape(null, `arn:${part}:${service}::`, isNumbered, resource, word),
      enough: 13,
      keepsPrefix: true,
      masks: () => 12,
    })),
  ),
  {
    // The user of a URL, and the password.
    ...shape(null, '://', (rest) => isDistinctive(passwordOf(rest)), inUserInfo, classOf(/(?!)/)),
    keepsPrefix: true,
    masks: (rest) => rest.lastIndexOf('@'),
  },
]

/** A member that is called like an account: `"user_id":"user_2zMG…"`, as OpenRouter adds to its errors. */
export const accountMember: Shape = shape(null, '', (rest) =>
  /^(user|usr|org|acct|acc|account|proj|project|team|ws)[-_](?=.*\d)[\w-]{16,}$/.test(rest),
)

function webhook(name: string, prefix: string, test: (rest: string) => boolean): Shape {
  const isOne = (rest: string): boolean => test(rest) && isRandom(rest)
  return { ...shape(name, prefix, isOne, path, classOf(/(?!)/)), keepsPrefix: true }
}

function passwordOf(rest: string): string {
  return /^[^:@]*:(.+)@/.exec(rest)?.[1] ?? ''
}

function shape(
  name: string | null,
  prefix: string,
  test: (rest: string) => boolean,
  goesOn = word,
  after = goesOn,
): Shape {
  return { name, prefix, test, goesOn, after, enough: 256 }
}

/** Bytes by whether they match: 1 or 0. */
function classOf(one: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (one.test(String.fromCharCode(code)) ? 1 : 0))
}

/**
 * Words that dashes join are not, nor `xxxx`: somewhere it goes on for long without a pattern, with letters and digits,
 * or with large letters among small ones as no name has them.
 */
function isRandom(rest: string): boolean {
  const runs = rest.match(/[A-Za-z\d]{16,}/g) ?? []
  return runs.some((run) => {
    const changes = run.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0
    const isMany = (/\d/.test(run) && /[A-Za-z]/.test(run)) || changes >= run.length / 3
    return isMany && new Set(run).size >= 8
  })
}

function isMixed(rest: string): boolean {
  return /[a-z]/.test(rest) && /[A-Z]/.test(rest) && new Set(rest).size >= 10
}

function isAccessKey(rest: string): boolean {
  // AWS's own documents write this one.
  return /^[A-Z\d]{16}$/.test(rest) && !rest.endsWith('EXAMPLE')
}

function isAccount(rest: string): boolean {
  return /^[A-Za-z\d]{24}$/.test(rest) && /\d/.test(rest) && isMixed(rest)
}

/** Not the numbers that AWS's documents use. */
function isNumbered(rest: string): boolean {
  return /^\d{12}:$/.test(rest) && !/^(123456789012|1{4}2{4}3{4}|(\d)\2+):$/.test(rest)
}

function isPrivateKey(rest: string): boolean {
  const [, body = ''] = /^[A-Z\d ]{0,32}PRIVATE KEY(?: BLOCK)?-----([^]*)$/.exec(rest) ?? []
  return body.replaceAll(/\\[nr]|[^A-Za-z\d+/=]/g, '').length >= 40
}
