/** Checks prices: those that look mistaken, and models that have none. */
import { type Configuration, lintPrices, loadCatalogue, type Price } from '@playhead/gateway/admin'
import { type Check, doubtful, fine } from './check.ts'

export async function checkPrices(configuration: Configuration, now: number): Promise<readonly Check[]> {
  const { models, providers, unpriced } = configuration
  const catalogue = await loadCatalogue()
  const endpoints = [...models.values()].flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => {
      const kind = providers.get(endpoint.provider)?.kind ?? endpoint.provider
      const known = endpoint.price ?? catalogue.find(kind, endpoint.model, now)?.price ?? null
      return { name: `${name} at ${endpoint.provider}`, price: known, isOwn: endpoint.price !== null, kind }
    }),
  )
  const written: readonly (readonly [string, Price])[] = [
    ...endpoints.flatMap(({ name, price, isOwn }) =>
      isOwn && price !== null ? [[name, price] as const] : [],
    ),
    ...(typeof unpriced === 'object' ? [['unpriced', unpriced] as const] : []),
  ]
  const checks = [
    ...lintPrices(written).map(({ message }) => doubtful('price', message)),
    ...endpoints
      .filter(({ price }) => price === null)
      .map(({ name }) => doubtful('price', missing(name, unpriced))),
  ]
  return checks.length > 0 ? checks : [fine('prices', told(endpoints.length, unpriced))]
}

function missing(name: string, unpriced: Configuration['unpriced']): string {
  if (unpriced === 'deny')
    return `${name}: nobody knows its price, so it is refused: give the endpoint a price, or set unpriced`
  if (unpriced === 'free')
    return `${name}: nobody knows its price, so it is not charged and passes every limit of money`
  return `${name}: nobody knows its price, so it is charged as unpriced says`
}

function told(endpoints: number, unpriced: Configuration['unpriced']): string {
  const others = typeof unpriced === 'string' ? unpriced : 'charged as set'
  return endpoints === 0
    ? `the catalogue's; models without a price: ${others}`
    : `every configured endpoint has one; other models without a price: ${others}`
}
