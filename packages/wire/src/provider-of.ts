/** Every provider by name, and the one behind a URL. */
import * as hosts from './hosts.ts'
import type { Provider } from './provider.ts'
import * as makers from './providers.ts'

/** Every provider, by name and in its order. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [...Object.values(makers), ...Object.values(hosts)]
    .map((provider) => [provider.name, provider] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
)

/** The provider that serves a URL, for recorded traffic; `custom` when it is not a known one. */
export function providerOf(url: string): Provider {
  const host = hostOf(url)
  if (host === undefined) return hosts.custom
  return patterns.find(([, pattern]) => pattern.test(host))?.[0] ?? hosts.custom
}

/**
 * The host with its port, in lower case; undefined where there is none that could be read in two ways. Not
 * by `URL`, which refuses the `<AWS_REGION>` that recordings have in place of what was scrubbed.
 */
function hostOf(url: string): string | undefined {
  const host = /^https?:\/\/([^/?#@\\\s]+)(?:[/?#]|$)/i.exec(url)?.[1]?.toLowerCase()
  return host?.replace(/^(127\.0\.0\.1|\[::1\])(?=:|$)/, 'localhost').replace(/:(443|80)$/, '')
}

/** What each provider's hosts look like: a name in braces is one label. */
const patterns: readonly (readonly [Provider, RegExp])[] = [...providers.values()].flatMap((provider) => {
  const { baseUrl, baseUrls = {}, modelsUrl, otherHosts = [] } = provider
  const urls = [baseUrl, ...Object.values(baseUrls), modelsUrl ?? baseUrl]
  const known = urls.flatMap((url) => /^https?:\/\/([^/]+)/.exec(url)?.[1] ?? [])
  return [...new Set([...known, ...otherHosts])].map((host) => [provider, patternOf(host)] as const)
})

function patternOf(host: string): RegExp {
  const escaped = host.toLowerCase().replaceAll('.', String.raw`\.`)
  return new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, '[^./:]+')}$`)
}
