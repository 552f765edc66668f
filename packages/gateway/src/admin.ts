/** What those who run a gateway work with beside it: its configuration, its store, its keys. Loads no server. */
export { readUpstreamKeys } from './byok/read-upstream-keys.ts'
export { sealedAfter, type UpstreamKeys } from './byok/sealed-keys.ts'
export { type Catalogue, type CatalogueEntry, loadCatalogue } from './catalogue/catalogue.ts'
export { type Finding, lintPrices } from './catalogue/lint.ts'
export { servedModels } from './catalogue/served-models.ts'
export type {
  Configuration,
  ConfiguredModel,
  ConfiguredProvider,
  StoreConfiguration,
} from './config/configuration.ts'
export { keyVariableOf } from './config/key-variable.ts'
export { ConfigurationError, type Mistake } from './config/mistake.ts'
export { readConfiguration, type ReadOptions, readStorePlace } from './config/read.ts'
export { configurationSchema } from './config/schema.ts'
export { watchConfiguration, type Watching } from './config/watch.ts'
export type { Story } from './generate/story.ts'
export { createKey } from './keys.ts'
export { type Limit, limitsOfAll, limitsOwnedBy, type OwnedLimit, type Period } from './limits.ts'
export { jsonLog, type JsonLogOptions } from './log/json-log.ts'
export type { Log, LogEntry } from './log.ts'
export { dollars, type Money, readMoney } from './money.ts'
export type { Price } from './price.ts'
export { eachGeneration } from './verify/each-generation.ts'
export { loadPrices } from './verify/prices.ts'
export { findTape } from './record/tape-file.ts'
export { type Difference, type PriceOf, verifySums, verifyTape } from './verify/verify-generation.ts'
export { verifyLimit } from './verify/verify-limit.ts'
export { openStore } from './store/open.ts'
export { loadSecret } from './store/secret.ts'
export {
  type AttemptRecord,
  type GenerationFilter,
  type GenerationRecord,
  type KeyRecord,
  type Outcome,
  type Settlement,
  type Standing,
  type Store,
  StoreError,
  type Sum,
  type SumBy,
} from './store/store.ts'
export { ProxyError, type Proxies, proxiesOf } from './transport/proxy.ts'
