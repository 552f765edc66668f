/**
 * The page's own script: the functions of this folder as text. They are written, checked and tested as code, and
 * know nothing that is not in this list: no imports but each other, no constants beside them.
 */
import {
  copyButton,
  element,
  fold,
  longText,
  plainText,
  readData,
  readMessages,
  readText,
  svgElement,
} from './dom.ts'
import { jsonTokens, prettyJson, textOrJson } from './json-text.ts'
import { findIn, markHits, nextFound, search, wordsOf } from './search.ts'
import { appendItems, listItem, showList } from './show-list.ts'
import { mediaNode, messageNode, partNode } from './show-message.ts'
import { againLinks, detailNodes, historyNode, outcomeNodes, settingsNode, toolsNode } from './show-detail.ts'
import { rawNode, rawPart } from './show-raw.ts'
import { timelineNode } from './show-timeline.ts'
import { flip, onKey, placeInHash, show, start, step } from './start.ts'

const parts = [
  [copyButton, element, fold, longText, plainText, readData, readMessages, readText, svgElement],
  [jsonTokens, prettyJson, textOrJson],
  [findIn, markHits, nextFound, search, wordsOf],
  [appendItems, listItem, showList],
  [mediaNode, messageNode, partNode],
  [againLinks, detailNodes, historyNode, outcomeNodes, settingsNode, toolsNode],
  [rawNode, rawPart, timelineNode],
  [flip, onKey, placeInHash, show, step, start],
]

export function clientSource(): string {
  const functions = parts.flat().map(String).join('\n')
  return `(() => {\n'use strict'\n${functions}\n${start.name}()\n})()`
}
