/** The clients that a recorder can stand behind, and what they are told. */
import http from 'node:http'
import { text } from 'node:stream/consumers'
import undici from 'undici'
import type { InstalledFetch } from '../src/scope.ts'

/** Answers everything with a text. */
export function saying(answer: string): InstalledFetch {
  return async () => new Response(answer)
}

/** What each client is told at an address that does not exist. */
export async function askAll(url = 'http://nowhere.invalid/'): Promise<readonly string[]> {
  return Promise.all([
    fetch(url).then((response) => response.text()),
    askNode(url),
    undici.request(url).then(({ body }) => body.text()),
    undici.fetch(url).then((response) => response.text()),
  ])
}

export function askNode(url: string, options: http.RequestOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  http.get(url, options, (response) => resolve(text(response))).on('error', reject)
  return promise
}

export const all = (answer: string): string[] => Array<string>(4).fill(answer)
