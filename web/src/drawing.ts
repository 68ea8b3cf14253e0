// Points drawn by the model that is loaded: the part of a view's context that needs a renderer.
import type { Context } from './context'
import { attempts, type Point, recipeOf, type Space } from './points'
import type { Header } from './runtime/model'
import type { Renderer } from './runtime/renderer'
import type { Recipe } from './runtime/runtime'

type Drawing = Pick<Context, 'draw' | 'sample' | 'drawLarge' | 'resample'>

/** `loaded` is the renderer, once there is one; `scale` what every latent is multiplied by; `fail` hears why pictures cannot be drawn. */
export function drawing(loaded: () => Renderer | null, scale: () => number, fail: (error: unknown) => void): Drawing {
  /** Draws with the renderer, where there is one; false where not all was drawn. */
  async function withRenderer(
    draw: (renderer: Renderer, recipe: (point: Point) => Recipe) => Promise<boolean>,
  ): Promise<boolean> {
    const renderer = loaded()
    if (!renderer) return false
    const space = spaceOf(renderer.header)
    try {
      return await draw(renderer, point => recipeOf(point, scale(), space))
    } catch (error) {
      fail(error)
      return false
    }
  }

  const sample: Drawing['sample'] = (name, points, show, visible) =>
    withRenderer((renderer, recipe) => {
      const { rejection, tries, pool } = renderer.header
      const candidates = points.map(point => (rejection === undefined ? [point] : attempts(point, tries, pool?.length)))
      return renderer.draw(
        name,
        candidates.map(list => list.map(recipe)),
        (i, pixels, taken) => show(i, pixels, candidates[i][taken]),
        undefined,
        visible,
      )
    })

  return {
    sample,
    draw: (name, points, show, order, visible) =>
      withRenderer((renderer, recipe) => {
        const wanted = new Set(order)
        const recipes = points.map((point, i) => (!order || wanted.has(i) ? [recipe(point)] : []))
        return renderer.draw(name, recipes, show, order, visible)
      }),
    drawLarge: (name, points, side, show) =>
      withRenderer((renderer, recipe) => renderer.drawLarge(name, points.map(recipe), side, show)),
    async resample(points) {
      const picked = [...points]
      const all = await sample('pick', points, (i, _, point) => {
        picked[i] = point
      })
      return all ? picked : null
    },
  }
}

const spaceOf = ({ latent_dim: dim, latent_kind: kind, directions = [], sums, blends, pool }: Header): Space => ({
  dim,
  kind,
  pool,
  directions: directions.map(d => d.vector ?? []),
  sums: sums !== undefined,
  blends: blends === 'features',
})
