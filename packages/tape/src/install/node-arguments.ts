/** What `request` of `node:http` takes: `(url?, options?, callback?)`. */
import type http from 'node:http'

export type RequestArguments = readonly unknown[]

/** `request`, or `get`. */
export type Send = (...args: unknown[]) => http.ClientRequest

export function optionsOf(args: RequestArguments): http.RequestOptions {
  const options = args[optionsPlace(args)]
  return options instanceof Object && typeof options !== 'function' ? options : {}
}

/** The same arguments with other options. */
export function withOptions(args: RequestArguments, options: object): unknown[] {
  const place = optionsPlace(args)
  const callback = args.slice(place).find((arg) => typeof arg === 'function')
  const all = [...args.slice(0, place), { ...optionsOf(args), ...options }]
  return callback === undefined ? all : [...all, callback]
}

export function withoutCallback(args: RequestArguments): unknown[] {
  return args.filter((arg) => typeof arg !== 'function')
}

function optionsPlace([first]: RequestArguments): number {
  return typeof first === 'string' || isUrl(first) ? 1 : 0
}

/** As Node tells a URL from options. */
function isUrl(value: unknown): boolean {
  return value instanceof Object && 'href' in value && 'protocol' in value && !('path' in value)
}
