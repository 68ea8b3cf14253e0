// Taking things home: files, links, the share sheet.
import { t } from '../i18n'

export function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export const toBlob = (canvas: HTMLCanvasElement, type = 'image/png'): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('no picture'))), type, 0.9),
  )

export async function copyLink(url: string, say: (text: string, seconds?: number) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(url)
    say(t('copied'), 4)
  } catch {
    say(t('copyFailed', { url }))
  }
}

export const canShare = (): boolean => typeof navigator.share === 'function'

export async function share(title: string, url: string, canvas: HTMLCanvasElement): Promise<void> {
  const file = new File([await toBlob(canvas)], 'picture.png', { type: 'image/png' })
  const files = navigator.canShare?.({ files: [file] }) ? [file] : undefined
  await navigator.share({ title, url, files }).catch(() => {}) // closing the sheet is no failure
}
