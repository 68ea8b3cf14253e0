// Pictures to one animated file: WebP where the browser can write it, else PNG (APNG).  Both keep transparency.

import { apng, webp } from './containers'
import { toBlob } from './keep'

const SIZE = 256 // pixels; more makes a file too large to send

export async function animate(frames: ImageData[], milliseconds: number): Promise<{ blob: Blob; ending: string }> {
  const small = document.createElement('canvas')
  const large = document.createElement('canvas')
  small.width = small.height = frames[0].width
  large.width = large.height = SIZE
  const pen = large.getContext('2d')!
  pen.imageSmoothingQuality = 'high'
  const files: Uint8Array[] = []
  let type = 'image/webp'
  for (const frame of frames) {
    small.getContext('2d')!.putImageData(frame, 0, 0)
    pen.clearRect(0, 0, SIZE, SIZE)
    pen.drawImage(small, 0, 0, SIZE, SIZE)
    const blob = await toBlob(large, type)
    type = blob.type // a browser that cannot write WebP answers with PNG
    files.push(new Uint8Array(await blob.arrayBuffer()))
  }
  return type === 'image/webp'
    ? { blob: new Blob([webp(files, SIZE, milliseconds)], { type }), ending: 'webp' }
    : { blob: new Blob([apng(files, milliseconds)], { type: 'image/png' }), ending: 'png' }
}
