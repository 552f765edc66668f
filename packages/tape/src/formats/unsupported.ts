/** Recordings that are told apart only to say what they are. */
import { isFields } from './values.ts'

/** What a document is, where it is no recording of HTTP that can be replayed; a sentence without its end. */
export function unsupported(root: unknown): string | undefined {
  return kinds.find(([matches]) => matches(root))?.[1]
}

const kinds: readonly (readonly [matches: (root: unknown) => boolean, what: string])[] = [
  [
    (root) => firstInteraction(root, (one) => 'direction' in one && 'kind' in one),
    'It holds the messages of a WebSocket, which are not requests and responses; record them over HTTP',
  ],
  [
    (root) =>
      firstInteraction(root, (one) => Object.keys(one).some((key) => /^request_(sample|stream)$/.test(key))),
    'It holds messages of gRPC (request_sample, request_stream), not HTTP; record the HTTP API instead',
  ],
  [
    (root) => isFields(root) && isFields(root['data']) && Array.isArray(root['data']['pairs']),
    'It is a simulation of Hoverfly, which is not read; record the requests again, or export them as HAR',
  ],
  [
    (root) =>
      isFields(root) &&
      (Array.isArray(root['mappings']) ||
        (isFields(root['request']) &&
          Object.keys(root['request']).some((key) => /^url(Path|Pattern)/.test(key)))),
    'It is a mapping of WireMock, which describes requests and does not hold them; record the requests again',
  ],
  [
    (root) => isFields(root) && ['url', 'status', 'statusText', 'ok', 'headers'].every((key) => key in root),
    'It is a fixture of fetch-vcr, which holds no request and no body; record the requests again',
  ],
  [
    (root) => isFields(root) && 'kind' in root && 'spec' in root,
    'It is a mock of Keploy, which is not read; record the requests again',
  ],
]

function firstInteraction(
  root: unknown,
  matches: (one: Readonly<Record<string, unknown>>) => boolean,
): boolean {
  if (!isFields(root) || !Array.isArray(root['interactions'])) return false
  const first: unknown = root['interactions'][0]
  return isFields(first) && matches(first)
}
