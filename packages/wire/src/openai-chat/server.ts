/** The dialect `openai-chat`: the half that is asked. */
import type { DialectServer } from '../dialect.ts'
import { decodeRequest } from './decode-request.ts'

export const openaiChatServer: DialectServer = { decodeRequest }
