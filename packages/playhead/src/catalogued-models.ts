/** What the catalogue knows of a provider's models: how much they read at once, and what they cost. */
import { type Catalogue, type CatalogueEntry, dollars } from '@playhead/gateway/admin'
import type { ListedModel } from './model-list.ts'

/** All that it lists, by their names at the provider. */
export function cataloguedModels(provider: string, catalogue: Catalogue): readonly ListedModel[] {
  return withCatalogue(provider, catalogue.names(provider).map(unknown), catalogue)
}

/** What the provider said itself counts first. */
export function withCatalogue(
  provider: string,
  models: readonly ListedModel[],
  catalogue: Catalogue,
  now: number = Date.now(),
): readonly ListedModel[] {
  return models.map((model) => {
    const entry = catalogue.find(provider, model.id, now)
    return entry === null ? model : completed(model, entry)
  })
}

function completed(model: ListedModel, { contextLength, price }: CatalogueEntry): ListedModel {
  // Half of a price is none: what one side says is not put beside what the other says.
  const isSaid = model.inputPrice !== null || model.outputPrice !== null
  return {
    ...model,
    contextLength: model.contextLength ?? contextLength,
    ...(!isSaid &&
      price !== null && {
        inputPrice: dollars(price.input * million),
        outputPrice: dollars(price.output * million),
      }),
  }
}

const million = 1_000_000n

function unknown(id: string): ListedModel {
  return { id, contextLength: null, inputPrice: null, outputPrice: null }
}
