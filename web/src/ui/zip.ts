// Files in one ZIP archive, as they are: pictures are compressed already.
import { crc32, join, little } from './containers'

const DAY = 0x21 // 1 January 1980: the same pictures make the same archive
const UTF8 = 0x800

/** PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16, without compression. */
export function zip(files: readonly { name: string; data: Uint8Array }[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const list: Uint8Array<ArrayBuffer>[] = []
  let at = 0
  for (const { name, data } of files) {
    const label = new TextEncoder().encode(name)
    const facts = join([
      little(20, 2),
      little(UTF8, 2),
      little(0, 4),
      little(DAY, 2),
      little(crc32(data), 4),
      little(data.length, 4),
      little(data.length, 4),
      little(label.length, 2),
      little(0, 2),
    ])
    const entry = join([little(0x04034b50, 4), facts, label, data])
    parts.push(entry)
    list.push(join([little(0x02014b50, 4), little(20, 2), facts, little(0, 10), little(at, 4), label]))
    at += entry.length
  }
  const size = list.reduce((sum, part) => sum + part.length, 0)
  const end = join([
    little(0x06054b50, 4),
    little(0, 4),
    little(files.length, 2),
    little(files.length, 2),
    little(size, 4),
    little(at, 4),
    little(0, 2),
  ])
  return new Blob([...parts, ...list, end], { type: 'application/zip' })
}
