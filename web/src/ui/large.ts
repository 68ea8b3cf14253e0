// Pictures at the size at which they leave the page.
import type { Context } from '../context'
import { t } from '../i18n'
import type { Point } from '../points'
import { savesData } from '../runtime/download'
import { LARGE } from '../runtime/finish'
import { h } from './dom'
import type { Tile } from './tile'

const ON_SHEET = 256 // pixels a picture
const GAP = 8
const READ: CanvasRenderingContext2DSettings = { willReadFrequently: true } // packs look for where something is drawn

/** Pixels, or another canvas, on a square canvas of this side. */
export function canvasOf(source: ImageData | HTMLCanvasElement, side: number): HTMLCanvasElement {
  const canvas = h('canvas', {})
  canvas.width = canvas.height = source.width
  const pen = canvas.getContext('2d', READ)!
  if (source instanceof ImageData) pen.putImageData(source, 0, 0)
  else pen.drawImage(source, 0, 0)
  if (source.width === side) return canvas
  const other = h('canvas', {})
  other.width = other.height = side
  const wide = other.getContext('2d', READ)!
  wide.imageSmoothingQuality = 'high'
  wide.drawImage(canvas, 0, 0, side, side)
  return other
}

/** A picture at 512 pixels: finished, or where that cannot be `small` enlarged. */
export async function large(c: Context, point: Point, small: HTMLCanvasElement): Promise<HTMLCanvasElement> {
  let found: HTMLCanvasElement | null = null
  await c.drawLarge('large', [point], LARGE, (_, pixels) => {
    found = canvasOf(pixels, LARGE)
  })
  return found ?? canvasOf(small, LARGE)
}

/** A picture at 256 pixels, which takes a quarter of the time; null where the model's own are as large, or that cannot be. */
export async function preview(c: Context, point: Point): Promise<HTMLCanvasElement | null> {
  let found: HTMLCanvasElement | null = null
  if (4 * c.entry.size > ON_SHEET) return found
  await c.drawLarge('preview', [point], ON_SHEET, (_, pixels) => {
    found = canvasOf(pixels, pixels.width)
  })
  return found
}

/** A picture that is there already, at this side: finished, or where that cannot be merely enlarged. */
export async function enlarged(c: Context, small: HTMLCanvasElement, side: number): Promise<HTMLCanvasElement> {
  const pixels = small.getContext('2d', READ)!.getImageData(0, 0, small.width, small.height)
  return canvasOf((await c.renderer?.finish(pixels, side)) ?? small, side)
}

/** The same for what nobody has asked to see larger: itself where the visitor saves data, or the model's are large enough. */
export const crisp = async (c: Context, small: HTMLCanvasElement): Promise<HTMLCanvasElement> =>
  finishesUnasked(c) ? enlarged(c, small, ON_SHEET) : small

const finishesUnasked = (c: Context): boolean => !savesData() && 4 * c.entry.size <= ON_SHEET

/** All of them at this side, or null where the finishing stage is missing or another request has taken its place. */
export async function allLarge(
  c: Context,
  points: readonly Point[],
  side: number,
): Promise<HTMLCanvasElement[] | null> {
  const drawn: HTMLCanvasElement[] = []
  let count = 0
  const whole = await c.drawLarge('all large', points, side, (i, pixels) => {
    drawn[i] = canvasOf(pixels, side)
    c.say(t('savingWalk', { n: ++count, count: points.length }))
  })
  return whole ? drawn : null
}

/** Finishes tiles that show what they should, while nobody waits for anything else; not models that are large enough as they are. */
export function makeCrisp(c: Context, name: string, tiles: readonly Tile[]): void {
  if (!finishesUnasked(c)) return
  const points = tiles.map(tile => tile.point)
  void c.drawLarge(name, points, ON_SHEET, (i, pixels) => {
    if (tiles[i].point === points[i]) tiles[i].showLarge(pixels)
  })
}

/** Pictures row by row on one canvas, 256 pixels each. */
export async function largeSheet(c: Context, tiles: readonly Tile[], columns: number): Promise<HTMLCanvasElement> {
  const points = tiles.map(tile => tile.point)
  const pictures = (await allLarge(c, points, ON_SHEET)) ?? tiles.map(tile => canvasOf(tile.canvas, ON_SHEET))
  const sheet = h('canvas', {})
  sheet.width = columns * (ON_SHEET + GAP) - GAP
  sheet.height = Math.ceil(pictures.length / columns) * (ON_SHEET + GAP) - GAP
  const pen = sheet.getContext('2d')!
  pictures.forEach((picture, i) => {
    pen.drawImage(picture, (i % columns) * (ON_SHEET + GAP), Math.floor(i / columns) * (ON_SHEET + GAP))
  })
  return sheet
}

/** A file's name that says which model and what of it is shown, as its link does. */
export const nameOf = (c: Context, shown: string): string =>
  `${c.entry.name}-${shown.replace(/[^\w.-]+/g, '_')}`.slice(0, 100)
