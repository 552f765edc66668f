/** Record and replay HTTP, byte for byte. */
export type { About, Cassette, FormatName } from './cassette.ts'
export { type Clock, scaledClock, virtualClock } from './clock.ts'
export { convert, type WritableFormat } from './convert.ts'
export { compareRequests, type Difference } from './difference.ts'
export { TapeError, type TapeErrorCode, withRemedy } from './error.ts'
export { isNoCassette } from './formats/no-cassette.ts'
export { readCassette } from './formats/read.ts'
export type { GoVcrFile, YamlStyle } from './go-vcr/format.ts'
export { readGoVcr } from './go-vcr/read.ts'
export { writeGoVcr } from './go-vcr/write.ts'
export type { Fault } from './faults/fault.ts'
export { faultsFileOf, parseFaults, readFaults } from './faults/read-faults.ts'
export { sweep, type SweepOptions } from './faults/sweep.ts'
export { type Fetch, toHeaders } from './http.ts'
export { headerOf } from './interaction.ts'
export type * from './interaction.ts'
export {
  type Comparison,
  createMatcher,
  type Matcher,
  type Meaning,
  type Normaliser,
  type RequestIdentity,
  type SaidError,
} from './match.ts'
export { actions, type Mode, modes } from './mode.ts'
export { type Take, writeNativeTape, writeTakes } from './native/copy.ts'
export { isNativeTape, tapeVersion } from './native/format.ts'
export { openNativeTape } from './native/read.ts'
export { nativeJournal } from './native/write.ts'
export { normalisersFor } from './normalise.ts'
export { openCassette } from './open.ts'
export { openScope } from './install/install.ts'
export { record, type Recorder, type RecordOptions } from './recorder.ts'
export { tapedResponse } from './response.ts'
export { createRedaction, type RedactionOptions } from './redact.ts'
export { scrubCassette } from './redact/scrub-cassette.ts'
export { type Change, findSecrets, scrub, type Secret } from './redact/scrub.ts'
export type { Finding, Redaction } from './redaction.ts'
export type { InstalledFetch, OpenScope } from './scope.ts'
