// Fetches the files of the page.
import { RendererError } from './errors'

/** Whether the visitor wants nothing fetched that they did not ask for. */
export const savesData = (): boolean =>
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false

/** A file of the page, and what it must be. */
export interface FileEntry {
  file: string
  bytes: number
  sha256: string
}

/** Fetches a file, telling how far it is (0 to 1).  Raises RendererError("network"). */
export async function fetchModel(url: string, bytes: number, progress: (share: number) => void): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url)
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`)
    const parts: Uint8Array[] = []
    let have = 0
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      have += value.length
      progress(Math.min(1, have / bytes))
    }
    const whole = new Uint8Array(have)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole.buffer
  } catch (error) {
    throw new RendererError('network', String(error))
  }
}
