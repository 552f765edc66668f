/** Checks which proxies lead to providers. */
import { ProxyError, type Proxies, proxiesOf } from '@playhead/gateway/admin'
import type { Environment } from '@playhead/wire'
import { type Check, fine, wrong } from './check.ts'

/** Nothing is said where there are none. */
export function checkProxies(environment: Environment): readonly Check[] {
  try {
    const proxies = proxiesOf(environment)
    return proxies === null ? [] : [fine('proxy', told(proxies))]
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error
    return [wrong('proxy', error.message)]
  }
}

function told({ secure, plain, direct }: Proxies): string {
  const ways = [
    `https: ${secure === null ? 'directly' : `by ${secure.name}`}`,
    `http: ${plain === null ? 'directly' : `by ${plain.name}`}`,
    `directly: this machine${direct.map((one) => `, ${one}`).join('')}`,
  ]
  return ways.join('; ')
}
