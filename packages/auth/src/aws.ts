/** AWS Signature Version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
import type { Environment, UnsignedRequest } from '@playhead/wire'
import { credentialOf } from './credentials.ts'
import { AuthError } from './error.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined
  /** Where a URL does not name one. */
  readonly region: string | undefined
}

/** The credentials in the variables that every AWS program reads; undefined when there are none. */
export function awsCredentials(environment: Environment): AwsCredentials | undefined {
  const accessKeyId = credentialOf(environment, 'AWS_ACCESS_KEY_ID')
  const secretAccessKey = credentialOf(environment, 'AWS_SECRET_ACCESS_KEY')
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  const sessionToken = credentialOf(environment, 'AWS_SESSION_TOKEN')
  return { accessKeyId, secretAccessKey, sessionToken, region: environment['AWS_REGION'] || undefined }
}

/**
 * Signs a request: its method, URL and body, which must be sent as they are. The headers are not part of
 * it, so that what stands between may add its own.
 */
export async function sign(
  { url, method, body }: UnsignedRequest,
  credentials: AwsCredentials,
  now: number,
): Promise<Record<string, string>> {
  const { AwsV4Signer } = await import('aws4fetch')
  const { service, region = credentials.region } = scopeOf(url)
  if (region === undefined) {
    throw new AuthError('missing', 'A request to AWS is signed for a region: set AWS_REGION')
  }
  if (!/^[a-z\d-]+$/.test(region)) throw new AuthError('invalid', 'What AWS_REGION says is no region')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const signer = new AwsV4Signer({
    url,
    method,
    body,
    accessKeyId,
    secretAccessKey,
    service,
    region,
    // `20150830T123600Z`
    datetime: new Date(now).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    ...(sessionToken !== undefined && { sessionToken }),
  })
  const { headers } = await signer.sign()
  return Object.fromEntries(headers)
}

/**
 * What a signature is for, which the host says. The new endpoint has a name of its own (ruby-vcr/ruby_llm,
 * providers_bedrock_mantle_responses_chat_calls_tools_through_the_responses_surface.yml), the others share one.
 */
function scopeOf(url: string): { readonly service: string; readonly region?: string } {
  const match = bedrockHost.exec(new URL(url).hostname)
  if (match === null) return { service: 'bedrock' }
  const [, name = '', region = ''] = match
  return { service: name === 'bedrock-mantle' ? name : 'bedrock', region }
}

const bedrockHost =
  /(?:^|\.)(bedrock(?:-mantle|-runtime)?)(?:-fips)?\.([a-z\d-]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/
