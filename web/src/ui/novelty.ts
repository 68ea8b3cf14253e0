// "Is it new?": how near a picture is to its nearest training picture, and how near those are to each other.
// The twin of chonk/play/novelty.py and small() in chonk/play/training.py.
import type { Context } from '../context'
import { t } from '../i18n'
import { normals } from '../latents'
import type { NoveltyEntry } from '../page'
import { h } from './dom'

const SIDE = 16
const NUMBERS = 64
const SEED = 0x6e657721
/** Per cent of the training pictures that are nearer to each other: below the first a picture is a copy, below the second a variation. */
const NEAR = 10
const RELATED = 50

export interface Record {
  count: number
  step: number
  usual: number[]
  projections: string
}

let matrix: Float64Array | null = null

/** 16 x 16 means per colour, on white; a cell takes every pixel that it touches. */
export function small(pixels: ArrayLike<number>, size: number, mirrored: boolean): Float64Array {
  const cells = new Float64Array(3 * SIDE * SIDE)
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const [top, bottom] = [Math.floor((row * size) / SIDE), Math.ceil(((row + 1) * size) / SIDE)]
      const [left, right] = [Math.floor((column * size) / SIDE), Math.ceil(((column + 1) * size) / SIDE)]
      const sum = [0, 0, 0]
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = (y * size + x) * 4
          const alpha = pixels[at + 3] / 255
          for (let c = 0; c < 3; c++) sum[c] += (pixels[at + c] / 255) * alpha + 1 - alpha
        }
      }
      const area = (bottom - top) * (right - left)
      const place = row * SIDE + (mirrored ? SIDE - 1 - column : column)
      sum.forEach((value, c) => {
        cells[c * SIDE * SIDE + place] = value / area
      })
    }
  }
  return cells
}

export function project(cells: Float64Array): Float64Array {
  matrix ??= normals(SEED, 3 * SIDE * SIDE * NUMBERS)
  const result = new Float64Array(NUMBERS)
  for (let i = 0; i < cells.length; i++) {
    for (let k = 0; k < NUMBERS; k++) result[k] += (cells[i] - 0.5) * matrix[i * NUMBERS + k]
  }
  return result.map(v => v / Math.sqrt(NUMBERS * cells.length))
}

export interface Near {
  index: number
  distance: number
  /** Whether it is the mirror image of the picture that is near. */
  mirrored: boolean
}

/** The nearest training pictures, nearest first. */
export function nearest(record: Record, pixels: ArrayLike<number>, size: number, count: number): Near[] {
  const numbers = new Int8Array(Uint8Array.from(atob(record.projections), c => c.charCodeAt(0)).buffer)
  const own = [false, true].map(mirrored => project(small(pixels, size, mirrored)))
  return Array.from({ length: record.count }, (_, index) => {
    const [plain, mirrored] = own.map(p =>
      Math.sqrt(p.reduce((sum, v, k) => sum + (v - numbers[index * NUMBERS + k] * record.step) ** 2, 0)),
    )
    return { index, distance: Math.min(plain, mirrored), mirrored: mirrored < plain }
  })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
}

/** The share of training pictures, in per cent, whose nearest other one is nearer than this distance. */
export function percentile(usual: readonly number[], distance: number): number {
  const above = usual.findIndex(d => d > distance)
  if (above <= 0) return above === 0 ? 0 : 100
  return 5 * (above - 1 + (distance - usual[above - 1]) / (usual[above] - usual[above - 1] || 1))
}

export const verdict = (percent: number): 'newIs' | 'partlyNew' | 'notNew' =>
  percent < NEAR ? 'notNew' : percent < RELATED ? 'partlyNew' : 'newIs'

/** A training picture from the sheet of all of them. */
function thumbnail({ side, columns }: NoveltyEntry, sheet: HTMLImageElement, { index, mirrored }: Near): HTMLElement {
  const canvas = h('canvas', { role: 'img', 'aria-label': t('nearest') })
  canvas.width = canvas.height = side
  const pen = canvas.getContext('2d')!
  if (mirrored) pen.setTransform(-1, 0, 0, 1, side, 0)
  pen.drawImage(sheet, (index % columns) * side, Math.floor(index / columns) * side, side, side, 0, 0, side, side)
  return canvas
}

/** Whether a picture is new, and the training picture nearest to it where the owner shows those. */
export function novelty(c: Context, canvas: HTMLCanvasElement): HTMLElement | null {
  const entry = c.entry.novelty
  if (!entry) return null
  const box = h('div', { class: 'novelty', role: 'status' }, h('h3', {}, t('isNew')))
  const size = canvas.width
  // A tile's own canvas is not made for being read each time that its sheet is opened.
  const own = h('canvas', { width: size, height: size, role: 'img', 'aria-label': t('thisOne') })
  const pen = own.getContext('2d', { willReadFrequently: true })!
  pen.drawImage(canvas, 0, 0)
  const { data } = pen.getImageData(0, 0, size, size)
  fetch(entry.file)
    .then(r => r.json() as Promise<Record>)
    .then(record => {
      const [near] = nearest(record, data, size, 1)
      box.append(h('p', {}, t(verdict(percentile(record.usual, near.distance)))))
      if (!entry.thumbnails) return
      const sheet = new Image()
      sheet.onload = () =>
        box.append(
          h(
            'div',
            { class: 'near' },
            h('figure', {}, own, h('figcaption', {}, t('thisOne'))),
            h('figure', {}, thumbnail(entry, sheet, near), h('figcaption', {}, t('nearest'))),
          ),
        )
      sheet.src = entry.thumbnails
    })
    .catch(() => box.append(h('p', {}, t('noNovelty'))))
  return box
}
