// Lines over training, each on its own scale from 0 to its highest, with a cursor.
import { h, svg } from './dom'

export interface Curves { kimg: number[]; [figure: string]: number[] }

const WIDTH = 320
const HEIGHT = 64

export function chart(curves: Curves, names: Record<string, string>): { element: HTMLElement; cursor(kimg: number): void } {
  const end = curves.kimg[curves.kimg.length - 1] || 1
  const x = (kimg: number): number => kimg / end * WIDTH
  const lines: SVGElement[] = []
  const readings: { output: HTMLElement; values: number[] }[] = []
  const panels = Object.entries(names).filter(([key]) => curves[key]?.some(Number.isFinite)).map(([key, name], i) => {
    const values = curves[key]
    const most = Math.max(...values.filter(Number.isFinite), 1e-9)
    const path = values.map((v, k) => `${k ? 'L' : 'M'}${x(curves.kimg[k]).toFixed(1)} ${(HEIGHT - v / most * (HEIGHT - 4)).toFixed(1)}`).join('')
    const line = svg('line', { y1: 0, y2: HEIGHT, class: 'cursor' })
    const output = h('output', {})
    lines.push(line)
    readings.push({ output, values })
    return h('figure', { class: `curve curve-${i}` }, h('figcaption', {}, h('span', {}, name), output),
      svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': name },
        svg('path', { d: path, class: 'line' }), line))
  })
  return {
    element: h('div', {}, ...panels),
    cursor(kimg) {
      const at = curves.kimg.reduce((best, value, i) => Math.abs(value - kimg) < Math.abs(curves.kimg[best] - kimg) ? i : best, 0)
      for (const line of lines) {
        line.setAttribute('x1', String(x(kimg)))
        line.setAttribute('x2', String(x(kimg)))
      }
      for (const { output, values } of readings) output.textContent = Number.isFinite(values[at]) ? values[at].toFixed(3) : '–'
    },
  }
}
