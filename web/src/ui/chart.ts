// Lines over training, each on its own scale from 0 to its highest, with a cursor.
import { h, svg } from './dom'

export interface Curves {
  kimg: number[]
  [figure: string]: number[]
}

const WIDTH = 320
const HEIGHT = 64

export function chart(
  curves: Curves,
  names: Record<string, string>,
): { element: HTMLElement; cursor(kimg: number): void } {
  const end = curves.kimg[curves.kimg.length - 1] || 1
  const x = (kimg: number): number => (kimg / end) * WIDTH
  const panels: { line: SVGElement; output: HTMLElement; points: number[][]; element: HTMLElement }[] = []
  Object.entries(names).forEach(([key, name], i) => {
    // Some figures are measured only now and then.
    const points = (curves[key] ?? []).map((v, k) => [curves.kimg[k], v]).filter(([, v]) => Number.isFinite(v))
    if (!points.length) return
    const peak = Math.max(...points.map(([, v]) => v), 1e-9)
    const path = points
      .map(([kimg, v], k) => `${k ? 'L' : 'M'}${x(kimg).toFixed(1)} ${(HEIGHT - (v / peak) * (HEIGHT - 4)).toFixed(1)}`)
      .join('')
    const line = svg('line', { y1: 0, y2: HEIGHT, class: 'cursor' })
    const output = h('output', {})
    const element = h(
      'figure',
      { class: `curve curve-${i}` },
      h('figcaption', {}, h('span', {}, name), output),
      svg(
        'svg',
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': name },
        svg('path', { d: path, class: 'line' }),
        line,
      ),
    )
    panels.push({ line, output, points, element })
  })
  return {
    element: h('div', {}, ...panels.map(panel => panel.element)),
    cursor(kimg) {
      for (const { line, output, points } of panels) {
        line.setAttribute('x1', String(x(kimg)))
        line.setAttribute('x2', String(x(kimg)))
        output.textContent = points
          .reduce((best, point) => (Math.abs(point[0] - kimg) < Math.abs(best[0] - kimg) ? point : best))[1]
          .toFixed(3)
      }
    },
  }
}
