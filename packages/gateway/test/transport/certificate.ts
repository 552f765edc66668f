/** A certificate that vouches for itself, made for one test run. https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  /** PEM, both. */
  readonly cert: string
  readonly key: string
}

/** For a host name, good for a day. */
export function selfSigned(host: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // ecdsa-with-SHA256, commonName, subjectAltName, basicConstraints
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(host)))))
  const names = der(0x30, der(0x82, Buffer.from(host)))
  const extensions = [
    der(0x30, Buffer.from('0603551d11', 'hex'), der(0x04, names)),
    der(0x30, Buffer.from('0603551d13', 'hex'), der(0x04, Buffer.from('30030101ff', 'hex'))),
  ]
  const body = der(
    0x30,
    der(0xa0, Buffer.from('020102', 'hex')),
    der(0x02, Buffer.from('01', 'hex')),
    algorithm,
    name,
    der(0x30, time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions)),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const text = der(0x30, body, algorithm, signature).toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/\D/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${text}Z`))
}
