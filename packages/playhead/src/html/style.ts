/** How the page looks: system fonts, one accent, light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --panel: #f4f4f2; --line: #e3e3df; --text: #1d1d1b; --soft: #62625d; --accent: #3457b2;
  --tint: #eef2fb; --good: #2c6e49; --bad: #a8322a; --warm: #8a5a00; --bad-tint: #fbefed; --hit: #ffe58a;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161618; --panel: #1c1c1f; --line: #2f2f34; --text: #e8e8e4; --soft: #a2a29b; --accent: #9db6f5;
    --tint: #1e2433; --good: #7cc79b; --bad: #f0968c; --warm: #e0b260; --bad-tint: #2f1f1e; --hit: #6b5600;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { height: 100%; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; height: 100%; display: grid; grid: auto minmax(0, 1fr) / minmax(16rem, 22rem) minmax(0, 1fr);
  background: var(--page); color: var(--text); font: 0.9375rem/1.55 var(--sans);
}
h1, h2, h3, p, ol, figure { margin: 0; padding: 0; }
a { color: var(--accent); }
small { color: var(--soft); font-size: 0.8125rem; font-weight: 400; }
code, pre, kbd, .number { font-family: var(--mono); font-size: 0.8125rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus, h2:focus { outline: none; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; z-index: 1; background: var(--page); padding: 0.25rem 0.75rem; }
.empty { color: var(--soft); font-style: italic; }

body > header {
  grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem;
  padding: 0.75rem 1.5rem; border-bottom: 1px solid var(--line);
}
h1 { font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 0 0.9rem; color: var(--soft); font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
.facts > * { overflow-wrap: anywhere; min-width: 0; }
.facts b { color: var(--text); font-weight: 600; }

nav { display: flex; flex-direction: column; min-height: 0; background: var(--panel); border-right: 1px solid var(--line); }
search { display: block; padding: 0.75rem 1rem; }
input {
  width: 100%; padding: 0.4rem 0.7rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--page); color: inherit; font: inherit;
}
#found { color: var(--soft); font-size: 0.8125rem; }
#found:not(:empty) { padding-top: 0.4rem; }
#list { flex: 1; overflow-y: auto; list-style: none; min-height: 0; }
#list li { content-visibility: auto; contain-intrinsic-size: auto 4.2rem; }
#list li.file { contain-intrinsic-size: auto 2rem; padding: 0.75rem 1rem 0.25rem; color: var(--soft); font-size: 0.75rem; overflow-wrap: anywhere; }
#list a {
  display: grid; grid-template-columns: 2.2rem minmax(0, 1fr); gap: 0.1rem 0.5rem; padding: 0.55rem 1rem 0.55rem 0.75rem;
  color: inherit; text-decoration: none; border-left: 3px solid transparent;
}
#list a:hover { background: var(--tint); }
#list a[aria-current] { background: var(--tint); border-left-color: var(--accent); }
#list a:focus-visible { outline-offset: -2px; }
.number { color: var(--soft); text-align: right; line-height: 1.8; }
.title { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; overflow-wrap: anywhere; line-height: 1.4; }
.about { grid-column: 2; display: flex; flex-wrap: wrap; gap: 0 0.6rem; color: var(--soft); font-size: 0.75rem; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.about > * { min-width: 0; }
.word { font-weight: 600; color: var(--good); }
.word.failed { color: var(--bad); }
.word.broken { color: var(--warm); }
.keys { padding: 0.5rem 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.75rem; }
kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 0.25rem; background: var(--page); font-size: 0.6875rem; }

main { overflow-y: auto; padding: 1.75rem clamp(1rem, 4vw, 3.5rem) 4rem; min-width: 0; }
main > * { max-width: 54rem; }
main > header { padding-bottom: 1.25rem; }
.over { color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
h2 { font-size: 1.5rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.015em; overflow-wrap: anywhere; }
.url { color: var(--soft); font: 0.8125rem/1.6 var(--mono); overflow-wrap: anywhere; }
main > header .facts { padding-top: 0.25rem; }
.back { display: none; }

details > summary { cursor: pointer; padding: 0.3rem 0; color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; }
details > summary:hover { color: var(--text); }
details[open] > summary { color: var(--text); }
.history { margin-top: 0.75rem; border-block: 1px dashed var(--line); }
.history[open] > summary { border-bottom: 1px dashed var(--line); }
.message { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0 1rem; padding: 0.9rem 0; }
.message + .message { border-top: 1px solid var(--line); }
.message h3 { color: var(--soft); font-size: 0.8125rem; font-weight: 600; line-height: 1.8; }
.message.assistant h3 { color: var(--accent); }
.message.answer { margin-top: 0.5rem; border: 0; border-left: 3px solid var(--accent); padding: 0.6rem 0 0.6rem 1rem; grid-template-columns: 5.3rem minmax(0, 1fr); }
.message.system .text, .message.developer .text { color: var(--soft); }
.parts { display: grid; gap: 0.75rem; grid-template-columns: minmax(0, 1fr); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; margin: 0; tab-size: 4; }
pre.text { padding: 0.6rem 0.8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; line-height: 1.5; }
.tool { padding-bottom: 0.25rem; overflow-wrap: anywhere; }
.tool b { color: var(--soft); font-weight: 400; }
.tool code { font-weight: 600; font-size: 0.875rem; }
.call, .result { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.2rem; }
.result.error .tool b { color: var(--bad); font-weight: 600; }
.result.error pre { background: var(--bad-tint); }
.key { color: var(--accent); }
.string { color: var(--good); }
.literal { color: var(--warm); }
.sources { padding: 0.4rem 0 0 1.2rem; color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
.reasoning > .text { padding-left: 0.9rem; border-left: 2px solid var(--line); color: var(--soft); }
figcaption { color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
img { display: block; max-width: min(100%, 20rem); max-height: 15rem; border: 1px solid var(--line); border-radius: 6px; }
audio { display: block; max-width: 100%; }
.timeline { padding: 0.9rem 0 0.4rem; }
.timeline svg { display: block; width: 100%; height: 28px; }
.wait { fill: var(--line); }
.flow, .head { fill: var(--soft); opacity: 0.5; }
.chunk { fill: var(--accent); }
.outcome { padding: 0.5rem 0 1rem; }
.failure, .notice { margin-top: 0.75rem; padding: 0.7rem 1rem; border-left: 3px solid var(--bad); background: var(--bad-tint); overflow-wrap: anywhere; }
.notice { border-left-color: var(--warm); background: var(--panel); }
.failure b { color: var(--bad); }
.failure pre { margin-top: 0.5rem; }
.raws { margin-top: 1.5rem; border-top: 1px solid var(--line); padding-top: 0.5rem; }
.raw > summary small { font-family: var(--mono); font-size: 0.75rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; margin: 0.25rem 0 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.2rem 1rem 0.2rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 400; width: 30%; }
td { font-family: var(--mono); }
button { font: inherit; font-size: 0.8125rem; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 6px; padding: 0.15rem 0.6rem; cursor: pointer; }
.copy { margin-bottom: 0.4rem; }
.more { display: block; margin-top: 0.6rem; font-family: var(--sans); }
::highlight(hit) { background-color: var(--hit); }

@media (max-width: 50rem) {
  body { display: block; height: auto; }
  body > header { padding: 0.75rem 1rem; }
  nav { border: 0; }
  body[data-view='detail'] > nav, body[data-view='list'] > main, .keys { display: none; }
  main { padding: 0.75rem 1rem 3rem; }
  .back { display: inline-block; padding: 0.4rem 0 0.9rem; text-decoration: none; }
  .message, .message.answer { grid-template-columns: minmax(0, 1fr); }
  .message.answer { padding-left: 0.8rem; }
  h2 { font-size: 1.25rem; }
  th { width: 38%; }
}
@media print {
  :root { color-scheme: light; --page: #fff; --panel: #fff; --line: #bbb; --text: #000; --soft: #444; --accent: #1d3a8a; --tint: #fff; --good: #000; --bad: #8a1a12; --warm: #000; --bad-tint: #fff; }
  body { display: block; height: auto; font-size: 10pt; }
  nav, .skip, .back, button, details:not([open]) { display: none !important; }
  main, body[data-view='list'] > main { display: block; overflow: visible; padding: 1rem 0; }
  main > * { max-width: none; }
  h2, h3, .tool { break-after: avoid; }
  .timeline, .failure, figure { break-inside: avoid; }
}
@media (prefers-reduced-motion: no-preference) { #list a { transition: background-color 0.12s; } }
`
