/** Recordings that are told apart only to say what they are. */
import { ddTrace } from './dd-trace.ts'
import { isExchanges, isFields } from './values.ts'

/** What a document is, where it is no recording of HTTP that can be replayed; a sentence without its end. */
export function unsupported(root: unknown): string | undefined {
  return kinds.find(([matches]) => matches(root))?.[1]
}

const kinds: readonly (readonly [matches: (root: unknown) => boolean, what: string])[] = [
  [
    (root) => firstInteraction(root, (one) => 'direction' in one && 'kind' in one),
    'it holds the messages of a WebSocket, which are not requests and responses; record them over HTTP',
  ],
  [
    (root) =>
      firstInteraction(root, (one) => Object.keys(one).some((key) => /^request_(sample|stream)$/.test(key))),
    'it holds messages of gRPC (request_sample, request_stream), not HTTP; record the HTTP API instead',
  ],
  [
    (root) => isFields(root) && isFields(root['data']) && Array.isArray(root['data']['pairs']),
    'it is a simulation of Hoverfly, which is not read; record the requests again, or export them as HAR',
  ],
  [
    (root) =>
      isFields(root) &&
      (Array.isArray(root['mappings']) || (isUrlMatcher(root['request']) && !ddTrace.matches(root))),
    'it is a mapping of WireMock, which describes requests and does not hold them; record the requests again',
  ],
  [
    (root) => isFields(root) && ['url', 'status', 'statusText', 'ok', 'headers'].every((key) => key in root),
    'it is a fixture of fetch-vcr, which holds no request and no body; record the requests again',
  ],
  [
    (root) => isFields(root) && versionOf(root).startsWith('api.keploy.io'),
    'it is a mock of Keploy, which is not read; record the requests again',
  ],
  [
    (root) => isExchanges(root, (request, _, one) => 'actualPort' in one && isFields(request['header'])),
    'it is a session of Charles, which is not read; export it as HAR',
  ],
]

function versionOf({ version }: Readonly<Record<string, unknown>>): string {
  return typeof version === 'string' ? version : ''
}

/** Whether it describes requests to any host, by their whole path or by parts of it. */
function isUrlMatcher(request: unknown): boolean {
  if (!isFields(request)) return false
  const { url } = request
  if (typeof url === 'string' && url.startsWith('/')) return true
  return Object.keys(request).some((key) => /^url(Path|Pattern)/.test(key))
}

/** The same of a text of YAML, which may hold several documents. */
export function unsupportedText(text: string): string | undefined {
  const isHttpmock = /^when:\r?$/m.test(text) && /^then:\r?$/m.test(text)
  return isHttpmock
    ? 'it is a recording of httpmock, which does not hold whom it asked; record the requests again'
    : undefined
}

function firstInteraction(
  root: unknown,
  matches: (one: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  if (!isFields(root) || !Array.isArray(root['interactions'])) return false
  const first: unknown = root['interactions'][0]
  return isFields(first) && matches(first)
}
