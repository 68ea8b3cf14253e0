// Taking things home: files, links, the share sheet.
import { t } from '../i18n'

export function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export const toBlob = (canvas: HTMLCanvasElement, type = 'image/png', quality = 0.9): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('no picture'))), type, quality),
  )

export async function copyLink(url: string, say: (text: string, seconds?: number) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(url)
    say(t('copied'), 4)
  } catch {
    say(t('copyFailed', { url }))
  }
}

export const canCopy = (): boolean => typeof ClipboardItem === 'function' && !!navigator.clipboard?.write

/** A picture, once it is there, to the clipboard. */
export async function copyPicture(
  picture: Promise<HTMLCanvasElement>,
  say: (text: string, seconds?: number) => void,
): Promise<void> {
  try {
    // The promise is handed over as it is: some browsers allow this only at once after a press.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture.then(canvas => toBlob(canvas)) })])
    say(t('pictureCopied'), 4)
  } catch {
    say(t('pictureNotCopied'))
  }
}

export const canShare = (): boolean => typeof navigator.share === 'function'

export async function share(title: string, url: string, canvas: HTMLCanvasElement, name: string): Promise<void> {
  const file = new File([await toBlob(canvas)], name, { type: 'image/png' })
  const files = navigator.canShare?.({ files: [file] }) ? [file] : undefined
  await navigator.share({ title, url, files }).catch(() => {}) // closing the sheet is no failure
}
