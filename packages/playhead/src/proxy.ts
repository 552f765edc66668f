/** Lets the platform's `fetch` go by a company's proxy, as the gateway's own connections do. */
import type { Environment } from '@playhead/wire'
import { UsageError } from './exit.ts'

/** What of Node is loaded for it stays away where there is no proxy. Throws a UsageError for a variable that names none. */
export async function useProxies(environment: Environment): Promise<void> {
  const secure = proxyOf('HTTPS_PROXY', environment)
  const plain = proxyOf('HTTP_PROXY', environment)
  if (secure === '' && plain === '') return
  const http = await import('node:http')
  // Older ones than 24.14 do not have it; what they have, docs/cli.md says.
  const set = http.setGlobalProxyFromEnv as typeof http.setGlobalProxyFromEnv | undefined
  const direct = [saidBy('NO_PROXY', environment), 'localhost', '127.0.0.1', '[::1]']
  set?.({ https_proxy: secure, http_proxy: plain, no_proxy: direct.filter((one) => one !== '').join(',') })
}

/** Its URL; empty for none. */
function proxyOf(variable: string, environment: Environment): string {
  const said = saidBy(variable, environment)
  if (said === '') return ''
  const url = /^[a-z][a-z\d+.-]*:\/\//i.test(said) ? said : `http://${said}`
  if (!/^https?:/i.test(url) || !URL.canParse(url))
    throw new UsageError(`${variable} is not the URL of a proxy: http://proxy.example.com:3128`)
  return url
}

/** Lower case goes before upper case. */
function saidBy(name: string, environment: Environment): string {
  return (environment[name.toLowerCase()] ?? environment[name] ?? '').trim()
}
