/** What endpoints cost by the configuration and the catalogue, for whoever works a bill out again. */
import { loadCatalogue } from '../catalogue/catalogue.ts'
import { idleEndpoints } from '../catalogue/served-models.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Endpoint } from '../endpoint.ts'
import { chargedPrice } from '../price.ts'
import type { PriceOf } from './verify-generation.ts'

/** Finds the price that an endpoint has had at the time of a generation, as far as today's configuration knows it. */
export async function loadPrices(configuration: Configuration): Promise<PriceOf> {
  const endpoints = idleEndpoints(configuration, await loadCatalogue())
  return ({ at, model, story, keyId }, asked) => {
    // With a key of the caller's own it is another endpoint, at the same price.
    const isAsked = ({ id }: Endpoint): boolean => asked === id || asked === `${id}@${keyId}`
    for (const name of new Set([model, ...modelsIn(story)])) {
      const found = endpoints.model(name, at)?.endpoints.find(isAsked)
      if (found !== undefined) return chargedPrice(found, configuration.unpriced)
    }
    return null
  }
}

/** What a generation's story says was asked for, fallbacks too. */
function modelsIn(story: string): readonly string[] {
  try {
    const { models } = JSON.parse(story) as { readonly models?: unknown }
    return Array.isArray(models) ? models.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}
