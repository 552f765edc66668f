/** What a configuration serves, before anything of it runs. */
import type { Configuration } from '../config/configuration.ts'
import { createEndpoints, type Endpoints } from '../route/endpoints.ts'
import type { Catalogue } from './catalogue.ts'

/** The names of the models that its providers serve: those that it writes, and those that the catalogue lists. */
export function servedModels(
  configuration: Configuration,
  catalogue: Catalogue,
  at: number,
): readonly string[] {
  return idleEndpoints(configuration, catalogue)
    .models(at)
    .map(({ name }) => name)
}

/** Endpoints that are only looked at: nothing can be sent to them. */
export function idleEndpoints(configuration: Configuration, catalogue: Catalogue): Endpoints {
  return createEndpoints({ configuration, catalogue, transportFor: () => nobody })
}

const nobody = {
  send(): never {
    throw new Error('Endpoints are looked up, nobody is asked')
  },
  close: () => Promise.resolve(),
}
