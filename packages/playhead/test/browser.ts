/** A browser without a window, where the machine has one: Chromium, spoken to in its own protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** `PLAYHEAD_BROWSER`, or what the path has; undefined when there is none. */
export const browserFile: string | undefined = [
  ...[process.env['PLAYHEAD_BROWSER'] ?? []].flat(),
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name))),
].find(isExecutable)

/** For the option `skip` of a test. */
export const skipWithoutBrowser: string | false =
  browserFile === undefined && 'no Chromium on this machine: PLAYHEAD_BROWSER may name one'

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface Size {
  readonly width: number
  readonly height: number
  readonly scheme?: 'light' | 'dark'
}

/** A test: at its end, the browser goes. */
export interface BrowserScope {
  after(release: () => Promise<void>): void
}

/** A page in it. What it asked the network for, and what it complained of, is kept. */
export interface BrowserPage {
  readonly requests: readonly string[]
  readonly complaints: readonly string[]
  /** Forgets both. */
  forget(): void
  open(url: string): Promise<void>
  /** Runs an expression there; its value must be JSON. */
  evaluate(expression: string): Promise<unknown>
  press(key: string): Promise<void>
  resize(size: Size): Promise<void>
  /** A PNG, as base64. */
  screenshot(): Promise<string>
  /** A PDF, as base64. */
  print(): Promise<string>
}

type Fields = Readonly<Record<string, unknown>>
interface Reply {
  readonly id?: number
  readonly method?: string
  readonly params?: Fields
  readonly result?: Fields
  readonly error?: { readonly message: string }
}

/** Ends with the test. */
export async function openBrowser(t: BrowserScope): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'playhead-browser-'))
  const flags = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--remote-debugging-port=0',
    '--hide-scrollbars',
  ]
  // Its sandbox does not start for root.
  const rootFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const args = [...flags, ...rootFlags, `--user-data-dir=${profile}`, 'about:blank']
  const child = spawn(browserFile ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  t.after(async () => {
    const closed = new Promise((resolve) => child.once('close', resolve))
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await closed
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  const address = await addressOf(child)
  const { host } = new URL(address)
  const targets = (await (await fetch(`http://${host}/json/list`)).json()) as readonly Readonly<
    Record<string, string>
  >[]
  const target = targets.find(({ type }) => type === 'page')
  return connect(target?.['webSocketDebuggerUrl'] ?? address)
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('the browser has no standard error')
  for await (const line of createInterface(stderr)) {
    const address = /^DevTools listening on (ws:.*)$/.exec(line)?.[1]
    if (address === undefined) continue
    stderr.resume()
    return address
  }
  throw new Error('the browser did not start')
}

async function connect(address: string): Promise<BrowserPage> {
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('the browser does not answer')), { once: true })
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  const listeners = new Map<string, () => void>()
  const requests: string[] = []
  const complaints: string[] = []
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply)
    const { method = '', params = {} } = reply
    listeners.get(method)?.()
    if (method === 'Network.requestWillBeSent') requests.push(String((params['request'] as Fields)['url']))
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      complaints.push(JSON.stringify(params))
    if (method === 'Page.javascriptDialogOpening') complaints.push('a dialog')
  })
  async function send(method: string, params: Fields = {}): Promise<Fields> {
    const id = (last += 1)
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
    waiting.delete(id)
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`)
    return reply.result ?? {}
  }
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(`${domain}.enable`)
  return {
    requests,
    complaints,
    forget() {
      requests.length = 0
      complaints.length = 0
    },
    async open(url) {
      const loaded = new Promise<void>((resolve) => listeners.set('Page.loadEventFired', resolve))
      await send('Page.navigate', { url })
      await loaded
    },
    async evaluate(expression) {
      const wanted = { expression, awaitPromise: true, returnByValue: true }
      const { result, exceptionDetails } = await send('Runtime.evaluate', wanted)
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as Fields)['value']
    },
    async press(key) {
      const text = key.length === 1 ? { text: key } : {}
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key })
    },
    async resize({ width, height, scheme = 'light' }) {
      const metrics = { width, height, deviceScaleFactor: 1, mobile: false }
      await send('Emulation.setDeviceMetricsOverride', metrics)
      const features = [{ name: 'prefers-color-scheme', value: scheme }]
      await send('Emulation.setEmulatedMedia', { features })
    },
    screenshot: async () => String((await send('Page.captureScreenshot'))['data']),
    print: async () => String((await send('Page.printToPDF'))['data']),
  }
}
