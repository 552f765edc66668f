/** OpenRouter for your own machine: one endpoint before every provider, with keys, budgets that hold, failover and a ledger. */
export * from './admin.ts'
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
