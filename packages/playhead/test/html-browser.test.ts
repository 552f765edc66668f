/** The page of `playhead tape inspect --html` in a browser: what a person sees and does. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { renderPage } from '../src/html/page.ts'
import { inspect } from '../src/inspection.ts'
import { type BrowserPage, openBrowser, skipWithoutBrowser } from './browser.ts'
import { newFile, newFolder, root } from './command.ts'
import { attacks, hostile, pixel } from './hostile-page.ts'
import { answer, chat, type Exchange, pageOf } from './page.ts'

const size = { width: 1280, height: 900 }

/** Asks, thinks, calls a tool, is given its result, and answers; each step sends the whole history. */
function run(steps: number): Exchange[] {
  const system = { role: 'system', content: 'You count.' }
  const history: object[] = [system, { role: 'user', content: 'Count, please.' }]
  return Array.from({ length: steps }, (_, step) => {
    const tool_calls = [
      {
        index: 0,
        id: `call-${step}`,
        type: 'function',
        function: { name: 'count', arguments: `{"from":${step}.00,"deep":[{"a":1}]}` },
      },
    ]
    const messages = [...history]
    history.push(
      { role: 'assistant', content: null, tool_calls },
      { role: 'tool', tool_call_id: `call-${step}`, content: `number ${step}` },
    )
    return { messages, events: answer({ reasoning: `thought ${step}`, tool_calls }, 'tool_calls') }
  })
}

describe('in a browser', { skip: skipWithoutBrowser, timeout: 120_000 }, () => {
  const releases: (() => Promise<void>)[] = []
  let browser: BrowserPage

  before(async () => {
    browser = await openBrowser({ after: (release) => releases.push(release) })
    await browser.resize(size)
  })
  after(async () => {
    for (const release of releases) await release()
  })

  /** Opens it as a file. Scripts that get to run say so. */
  async function open(t: Parameters<typeof newFolder>[0], page: string, hash = ''): Promise<string> {
    const url = pathToFileURL(newFile(t, 'page.html', page)).href
    await browser.open('about:blank')
    browser.forget()
    await browser.open(url + hash)
    return url
  }

  async function textOf(selector: string): Promise<string> {
    return String(
      await browser.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? 'nothing'`),
    )
  }

  async function count(selector: string): Promise<unknown> {
    return browser.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`)
  }

  /** Waits until an expression is true there. */
  async function until(expression: string): Promise<void> {
    const isTrue = `new Promise((resolve) => {
      const end = Date.now() + 10000
      const look = () => ((${expression}) || Date.now() > end ? resolve(Boolean(${expression})) : setTimeout(look, 10))
      look()
    })`
    assert.equal(await browser.evaluate(isTrue), true, expression)
  }

  test('a hostile tape is text: nothing is run, nothing is asked of the network', async (t) => {
    const url = await open(t, pageOf(hostile(), '</script><script>owned()</script>'))
    await browser.evaluate('globalThis.owned = () => { globalThis.isOwned = true }')
    for (const place of [0, 1, 2]) {
      await browser.evaluate(`location.hash = '#${place}'`)
      await until(`document.querySelector('#list a[aria-current]')?.getAttribute('href') === '#${place}'`)
      await browser.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
      await new Promise((resolve) => setTimeout(resolve, 200))
      assert.equal(await browser.evaluate('globalThis.isOwned === undefined'), true)
      assert.equal(
        await count('#main :is(script, iframe, svg[onload], style, base, meta, a[href^="java"], [onerror])'),
        0,
      )
      if (place > 0) continue
      const shown = await textOf('#main .user')
      for (const attack of attacks)
        assert.ok(shown.includes(attack.toWellFormed()) || attack.includes('\ud800'), attack)
    }
    assert.equal(await count('script:not([type])'), 1)
    const asked = browser.requests.filter(
      (request) => request !== url && !request.startsWith('data:image/png;base64,'),
    )
    assert.deepEqual(asked, [])
    assert.deepEqual(browser.complaints, [])
  })

  test('a script that got into the page would still not run', async (t) => {
    const attack =
      '<script>globalThis.isOwned = true</script><img src="https://evil.example/x.png" onerror="globalThis.isOwned = true">'
    await open(t, pageOf(chat(run(1))).replace('<noscript>', `${attack}<noscript>`))
    assert.equal(await browser.evaluate('globalThis.isOwned === undefined'), true)
    assert.ok(browser.complaints.some((complaint) => complaint.includes('Content Security Policy')))
    assert.notEqual(await textOf('#main h2'), 'nothing')
  })

  test('a conversation: what is new in sight, the rest folded', async (t) => {
    await open(t, pageOf(chat(run(3))), '#2')
    assert.equal(await textOf('.history > summary'), '4 earlier messages')
    assert.equal(await count('#main > .message'), 3)
    assert.match(await textOf('#main > .message.tool'), /^toolresult count call-1number 1$/)
    assert.equal(
      await textOf('.answer .call pre'),
      '{\n  "from": 2.00,\n  "deep": [\n    {\n      "a": 1\n    }\n  ]\n}',
    )
    assert.equal(await textOf('.timeline figcaption'), 'first byte after 1.00 s, 3 chunks, end after 1.00 s')
    assert.equal(await textOf('.outcome'), 'tool-calls10 in, 3 out$0.0000001some/model by Chutes')
    assert.equal(await count('.history .message'), 0)
    await browser.press('h')
    await until("document.querySelectorAll('.history .message').length === 4")
    await browser.press('r')
    await until("document.querySelectorAll('.raw pre').length === 2")
  })

  test('an image is seen', async (t) => {
    const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } }]
    await open(
      t,
      pageOf(chat([{ messages: [{ role: 'user', content }], events: answer({ content: 'A dot.' }) }])),
    )
    await until("document.querySelector('#main img')?.naturalWidth === 1")
  })

  test('a thousand interactions: open, move, search', async (t) => {
    await open(t, pageOf(chat(run(1000))))
    await until("document.querySelectorAll('#list li:not(.file)').length === 1000")
    assert.equal(await textOf('#sums'), '1000 interactions10000 in, 3000 out$0.0001')
    for (const key of ['j', 'j', 'k', 'j']) await browser.press(key)
    await until("location.hash === '#2'")
    await browser.press('/')
    for (const key of 'thought 77') await browser.press(key)
    await until("document.querySelector('#found').textContent === '11 of 1000'")
    await browser.press('Enter')
    await until("location.hash === '#77'")
    await browser.press('j')
    await until("location.hash === '#770'")
    await browser.press('/')
    await browser.press('Escape')
    await until("document.querySelectorAll('#list li[hidden]').length === 0")
  })

  test('names of fields are not found, what was said is found where it was said first', async (t) => {
    await open(t, pageOf(chat(run(20))))
    await until("document.querySelectorAll('#list li:not(.file)').length === 20")
    for (const [query, found] of [
      ['inputText', 0],
      ['number 3', 1],
      ['YOU COUNT', 1],
      ['', 20],
    ] as const) {
      await browser.evaluate(
        `(() => { const input = document.querySelector('#search'); input.value = ${JSON.stringify(query)}; input.dispatchEvent(new Event('input')) })()`,
      )
      await until(`document.querySelectorAll('#list li:not(.file):not([hidden])').length === ${found}`)
    }
  })

  for (const scheme of ['light', 'dark'] as const)
    test(`${scheme}: all text stands out, and fits a narrow screen`, async (t) => {
      t.after(() => browser.resize(size))
      await browser.resize({ width: 360, height: 740, scheme })
      const failed = {
        messages: [],
        changes: { ending: { type: 'abort', at: 1, reason: 'x'.repeat(300) } },
      } as const
      await open(t, pageOf([...hostile(), ...chat([...run(2), failed])], `${'x'.repeat(200)}.yaml`), '#0')
      for (const place of [0, 1, 2, 3, 4, 5]) {
        await browser.evaluate(
          `location.hash = '#${place}'; for (const fold of document.querySelectorAll('details')) fold.open = true`,
        )
        await new Promise((resolve) => setTimeout(resolve, 100))
        assert.equal(await browser.evaluate('document.documentElement.scrollWidth'), 360, `place ${place}`)
        assert.deepEqual(await browser.evaluate(faintTexts), [])
      }
      assert.equal(await browser.evaluate("getComputedStyle(document.querySelector('nav')).display"), 'none')
      await browser.evaluate("location.hash = ''")
      await until("getComputedStyle(document.querySelector('nav')).display !== 'none'")
      assert.equal(await browser.evaluate('document.documentElement.scrollWidth'), 360)
      assert.deepEqual(await browser.evaluate(faintTexts), [])
    })

  test('landmarks, headings and names for who does not see it', async (t) => {
    await open(t, pageOf(chat(run(2))), '#1')
    for (const landmark of ['header', 'nav[aria-label]', 'search', 'main', 'h1', 'main h2', 'main h3'])
      assert.notEqual(await count(landmark), 0, landmark)
    assert.equal(await count('svg:not([aria-label]), img:not([alt]), input:not([aria-label])'), 0)
    assert.equal(
      await browser.evaluate(
        "[...document.querySelectorAll('a, button, summary')].filter((one) => one.textContent.trim() === '').length",
      ),
      0,
    )
    assert.equal(await browser.evaluate('document.activeElement.id'), 'heading')
  })

  test('on paper stands the conversation, without what is for the screen', async (t) => {
    await open(t, pageOf(chat(run(2))), '#1')
    assert.ok((await browser.print()).length > 1000)
  })

  test('bundled, as it is published, it works the same', async (t) => {
    const outfile = join(newFolder(t), 'page.mjs')
    const entry = join(root, 'packages/playhead/src/html/page.ts')
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22.19',
    })
    const bundled = (await import(pathToFileURL(outfile).href)) as { readonly renderPage: typeof renderPage }
    const inspections = chat(run(2)).map((interaction) => inspect('file', interaction))
    await open(t, [...bundled.renderPage(inspections, 'title')].join(''), '#1')
    assert.equal(await textOf('.history > summary'), '2 earlier messages')
    assert.deepEqual(browser.complaints, [])
  })
})

/** Texts whose contrast with what is behind them is less than 4.5 to 1. */
const faintTexts = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const value = part / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (color !== 'rgba(0, 0, 0, 0)') return color
    }
    return 'rgb(255, 255, 255)'
  }
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    .map((one) => {
      const [light, dark] = [luminance(getComputedStyle(one).color), luminance(behind(one))].sort((a, b) => b - a)
      return [one.className || one.tagName, (light + 0.05) / (dark + 0.05)]
    })
    .filter(([, contrast]) => contrast < 4.5)
})()`
