/** Servers that record and replay: for programs in any language. */
export { cassetteFilesIn, cassetteStem, isFolder, isNobodys } from '../cassette-files.ts'
export {
  type ServedExchange,
  type ServerOptions,
  startServer,
  type TapeServer,
  tapeHeader,
} from './server.ts'
export {
  parseUpstream,
  recordingShelves,
  replayingShelves,
  type ServedRequest,
  type Shelves,
  type Upstream,
} from './shelves.ts'
