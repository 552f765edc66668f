/** Documents of recorders, as these write them, with whatever a test is about. */

export const url = 'https://h/v1'

export const reqCassette = (request: object, response: object, more: object = {}): object => ({
  version: '2.0',
  interactions: [
    {
      recorded_at: '2026-01-02T03:04:05Z',
      request: {
        method: 'POST',
        uri: url,
        query_string: '',
        headers: { a: ['b', 'c'] },
        body_type: 'text',
        ...request,
      },
      response: { status: 200, headers: {}, body_type: 'text', ...response },
      ...more,
    },
  ],
})

export const mastra = (response: object, body: unknown = { a: 1 }): object => ({
  hash: 'x',
  request: { url, method: 'POST', body, timestamp: Date.parse('2026-01-02T03:04:05Z') },
  response: { status: 201, statusText: 'Created', headers: { a: 'b' }, ...response },
})

export const exvcr = (response: object, request: object = {}): object[] => [
  {
    request: { method: 'post', url, headers: [], options: [], body: 'q', request_body: '', ...request },
    response: { type: 'ok', status_code: 200, headers: { a: 'b' }, binary: false, body: 'x', ...response },
  },
]

export const phpVcr = (request: object, headers: object, body: string): object[] => [
  {
    request: { method: 'POST', url, headers: { Host: 'h' }, ...request },
    response: { status: { http_version: '1.1', code: '200', message: 'OK' }, headers, body },
  },
]

export const azure = (type: string | string[], body: unknown): object => ({
  Entries: [
    {
      RequestUri: url,
      RequestMethod: 'PUT',
      RequestHeaders: {},
      RequestBody: null,
      StatusCode: 200,
      ResponseHeaders: { 'Content-Type': type },
      ResponseBody: body,
    },
  ],
  Variables: {},
})

export const seinfeld = (request: object, response: object): object => ({
  meta: { createdAt: '2026-01-02T03:04:05Z' },
  entries: [
    {
      callIndex: 0,
      id: 'x',
      matchKey: 'POST h/v1',
      recordedAt: '2026-01-02T03:04:05Z',
      request: { method: 'POST', url, headers: {}, body: request },
      response: { status: 200, statusText: 'OK', headers: {}, body: response },
    },
  ],
})

export const reqLlm = (response: object, more: object = {}): object => ({
  request: { method: 'post', url, headers: { a: ['b'] }, canonical_json: {}, body: { b64: btoa('{"q":1}') } },
  response: { status: 200, headers: {}, ...response },
  ...more,
})

export const easyVcr = [
  {
    Duration: 304,
    RecordedAt: '2026-01-02T03:04:05',
    Request: {
      Body: 'q',
      BodyContentType: 'Json',
      ContentHeaders: { 'Content-Type': 'a/b' },
      Method: 'POST',
      RequestHeaders: { A: 'b' },
      Uri: url,
    },
    Response: {
      Body: 'x',
      ContentHeaders: { C: 'd' },
      ResponseHeaders: { E: 'f' },
      Status: { Code: 200, Message: 'OK' },
    },
  },
]
