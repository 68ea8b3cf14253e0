// Taking things home: files, links, the share sheet.
import { t } from '../i18n'
import { button } from './controls'

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

const canCopy = (): boolean => typeof ClipboardItem === 'function' && !!navigator.clipboard?.write

/** A picture, once it is there, to the clipboard. */
async function copyPicture(
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

/** What goes home: `picture` is asked for, and its file's name without ending, once one of the ways is taken. */
interface Goods {
  picture(): Promise<HTMLCanvasElement>
  name(): string
  link(): string
  say(text: string, seconds?: number): void
}

/** The ways home for a picture or a sheet of them: a file, the clipboard, its link, and the share sheet where there is one. */
export const waysHome = (saveIt: string, { picture, name, link, say }: Goods): (HTMLElement | false)[] => [
  button('save', saveIt, () => {
    const file = `${name()}.png`
    void picture()
      .then(found => toBlob(found))
      .then(blob => download(blob, file))
  }),
  canCopy() &&
    button('copy', t('copyPicture'), () => {
      void copyPicture(picture(), say)
    }),
  button('link', t('copyLink'), () => {
    void copyLink(link(), say)
  }),
  canShare() &&
    button('share', t('share'), () => {
      const [address, file] = [link(), `${name()}.png`]
      void picture().then(found => share(document.title, address, found, file))
    }),
]
