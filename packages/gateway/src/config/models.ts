/** The models of a configuration, with endpoints at providers that are there. */
import type { ConfiguredEndpoint, ConfiguredModel, ConfiguredProvider } from './configuration.ts'
import type { Written } from './fields.ts'
import type { WrittenEndpoint } from './model-fields.ts'
import { nearest } from './nearest.ts'
import type { Located, Reading } from './shape.ts'

/** Tells of providers that are not configured, and of endpoints that could not be told apart. */
export function configuredModels(
  { models, providers: written }: Pick<Written, 'models' | 'providers'>,
  providers: ReadonlyMap<string, ConfiguredProvider>,
  reading: Reading,
): ReadonlyMap<string, ConfiguredModel> {
  const names = [...(written ?? providers).keys()]
  return new Map(
    Array.from(models, ([name, { title, endpoints }]) => {
      const configured = endpoints.map(({ value }) => endpointOf(name, value))
      for (const [index, { value, spot }] of endpoints.entries()) {
        tellUnknown(value.provider, names, reading)
        const { provider, model } = endpointOf(name, value)
        const first = configured.findIndex((one) => one.provider === provider && one.model === model)
        if (first < index)
          reading.tell(spot, `is the same provider and model as endpoints[${first}]: keep one`)
      }
      return [name, { name, title: title ?? name, endpoints: configured }]
    }),
  )
}

function tellUnknown({ value, spot }: Located<string>, names: readonly string[], reading: Reading): void {
  if (names.includes(value)) return
  const near = nearest(value, names)
  if (near !== null) reading.tell(spot, `there is no such provider; did you mean ${near}?`)
  else if (names.length > 0)
    reading.tell(spot, `must be one of the providers ${names.join(', ')}; or add it to providers`)
  else reading.tell(spot, 'there are no providers: add it to providers, or set the variable of its key')
}

function endpointOf(name: string, written: WrittenEndpoint): ConfiguredEndpoint {
  const provider = written.provider.value
  return {
    ...written,
    provider,
    model: written.model ?? name,
    tag: written.tag ?? provider,
  }
}
