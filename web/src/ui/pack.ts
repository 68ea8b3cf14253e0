// Pictures as a pack of stickers in one archive.  The twin of chonk/draw/packs.py; what apps take is in one file for both.
import { still } from '../../../src/chonk/draw/apps.json'
import { LARGE } from '../runtime/finish'
import type { Header } from '../runtime/model'
import { toBlob } from './keep'
import { loosen } from './loose'
import { zip } from './zip'

interface Limits {
  ending: string
  width: number
  height: number
  max_bytes: number
}
interface App {
  sticker: Limits
  /** Minimum, maximum, and the step between. */
  counts: number[]
  covers?: [string, Limits][]
  margin?: number
  stroke?: number
  archive?: string
}
export const APPS = still as unknown as Record<string, App>
const QUALITIES = [1, 0.99, 0.95, 0.9, 0.8, 0.7, 0.55, 0.4, 0.2] // 1 is lossless in browsers that know it
const STEPS = [1, 4, 8, 17, 34, 51] // between the levels of a colour; from 17 on white stays white
const DIRECTIONS = 48

/** How many of so many pictures fit into a pack: as many as may be, 0 where they are too few. */
export function fits(app: App, count: number): number {
  const [minimum, maximum, step] = app.counts
  const whole = minimum + Math.floor((Math.min(count, maximum) - minimum) / step) * step
  return count < minimum ? 0 : whole
}

function sheet(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.imageSmoothingQuality = 'high'
  return [canvas, pen]
}

/** Left, top, width and height of what is drawn. */
function box({ width, height, data }: ImageData): [number, number, number, number] {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let i = 3; i < data.length; i += 4) {
    if (data[i] <= 8) continue
    const x = ((i - 3) / 4) % width
    const y = Math.floor((i - 3) / 4 / width)
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
  }
  return right > left ? [left, top, right - left, bottom - top] : [0, 0, width, height]
}

/** As large as fits, in the middle, with a white line around it; drawn pixels of pixel art, `cell` wide, in whole pixels. */
function placed(
  picture: HTMLCanvasElement,
  limits: Limits,
  margin: number,
  stroke: number,
  cell: number,
): HTMLCanvasElement {
  const pixels = picture.getContext('2d')!.getImageData(0, 0, picture.width, picture.height)
  const [left, top, wide, tall] = box(pixels)
  const rim = margin + stroke
  const most = Math.min((limits.width - 2 * rim) / wide, (limits.height - 2 * rim) / tall)
  const inWholePixels = cell * most >= 1
  const scale = inWholePixels ? Math.floor(cell * most) / cell : most
  const [canvas, pen] = sheet(limits.width, limits.height)
  const [w, h] = [Math.round(wide * scale), Math.round(tall * scale)]
  const [x, y] = [Math.floor((limits.width - w) / 2), Math.floor((limits.height - h) / 2)]
  pen.imageSmoothingEnabled = !inWholePixels
  const draw = (on: CanvasRenderingContext2D, dx: number, dy: number): void =>
    on.drawImage(picture, left, top, wide, tall, x + dx, y + dy, w, h)
  if (stroke) {
    for (let i = 0; i < DIRECTIONS; i++) {
      draw(pen, stroke * Math.cos((2 * Math.PI * i) / DIRECTIONS), stroke * Math.sin((2 * Math.PI * i) / DIRECTIONS))
    }
    pen.globalCompositeOperation = 'source-in'
    pen.fillStyle = 'white'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.globalCompositeOperation = 'source-over'
  }
  draw(pen, 0, 0)
  return canvas
}

/** The best quality that fits; null where nothing does, or where this browser cannot write the format. */
async function encoded(canvas: HTMLCanvasElement, limits: Limits): Promise<Uint8Array | null> {
  const type = limits.ending === '.webp' ? 'image/webp' : 'image/png'
  for (const quality of type === 'image/webp' ? QUALITIES : STEPS) {
    if (type === 'image/png' && quality > 1) coarsen(canvas, quality)
    const blob = await toBlob(canvas, type, quality)
    if (blob.type !== type) return null
    if (blob.size < limits.max_bytes) return new Uint8Array(await blob.arrayBuffer())
  }
  return null
}

/** Rounds colours and transparency to multiples of `step`, which PNG takes fewer bytes for. */
function coarsen(canvas: HTMLCanvasElement, step: number): void {
  const pen = canvas.getContext('2d')!
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height)
  pixels.data.forEach((value, i) => {
    pixels.data[i] = Math.round(value / step) * step
  })
  pen.putImageData(pixels, 0, 0)
}

/** One archive of everything, or null where the browser cannot write what the app wants.  The last argument is
 *  of the model that drew the pictures. */
export async function pack(
  name: string,
  title: string,
  links: string[],
  pictures: HTMLCanvasElement[],
  { channels, cell, size }: Pick<Header, 'channels' | 'cell' | 'size'>,
): Promise<Blob | null> {
  for (const picture of pictures) {
    const pen = picture.getContext('2d')!
    const pixels = pen.getImageData(0, 0, picture.width, picture.height)
    loosen(pixels, channels === 3)
    pen.putImageData(pixels, 0, 0)
  }
  const app = APPS[name]
  const { margin = 0, stroke = 0, covers = [] } = app
  const files: { name: string; data: Uint8Array }[] = []
  const text = (file: string, content: string): void => {
    files.push({ name: file, data: new TextEncoder().encode(content) })
  }
  if (app.archive === '.wastickers') {
    text('title.txt', title)
    text('author.txt', 'chonk')
  }
  const drawnPixel = cell ? Math.floor(LARGE / Math.floor(size / cell)) : 0
  const wanted: [string, HTMLCanvasElement, Limits, number, number][] = [
    ...covers.map(([cover, limits]): [string, HTMLCanvasElement, Limits, number, number] => [
      cover,
      pictures[0],
      limits,
      0,
      0,
    ]),
    ...pictures.map((picture, i): [string, HTMLCanvasElement, Limits, number, number] => [
      String(i + 1).padStart(2, '0'),
      picture,
      app.sticker,
      margin,
      stroke,
    ]),
  ]
  for (const [label, picture, limits, m, s] of wanted) {
    const data = await encoded(placed(picture, limits, m, s, drawnPixel), limits)
    if (!data) return null
    files.push({ name: label + limits.ending, data })
  }
  if (!app.archive) text('links.txt', `${links.join('\n')}\n`) // of apps that want an archive, nothing else may be in it
  return zip(files)
}
