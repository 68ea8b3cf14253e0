import { describe, expect, it } from 'vitest'
import { type Drawing, DrawingQueue } from '../src/runtime/queue'
import type { Recipe } from '../src/runtime/runtime'

/** Recipes that only have a number. */
const recipe = (n: number): Recipe => ({ latent: Float32Array.of(n), changes: [] })
const recipes = (...numbers: number[]): Recipe[][] => numbers.map(n => [recipe(n)])

/** A runtime so slow that it draws a picture only when it is told to; a negative number is a rejected picture. */
function slow() {
  const queue = new DrawingQueue<string, number>()
  const drawn: number[] = []
  const waiting: (() => void)[] = []
  const ask = ({ latent: [n] }: Recipe, rejectable: boolean): Promise<Drawing<number>> =>
    new Promise(done => {
      drawn.push(n)
      waiting.push(() => done({ pixels: rejectable && n < 0 ? null : n, rejection: Math.max(0, -n) }))
    })
  return {
    queue,
    drawn,
    /** The pictures that a job of this name has shown, as they come. */
    job(name: string, of: Recipe[][], order?: number[], visible?: (index: number) => boolean) {
      const shown: number[] = []
      const show = (_: number, pixels: number): void => void shown.push(pixels)
      const whole = queue.draw({ name, recipes: of, show, order, visible }, (_, r, rejectable) => ask(r, rejectable))
      return { shown, whole }
    },
    async finish(count = 1): Promise<void> {
      for (; count > 0; count--) {
        waiting.shift()?.()
        await new Promise(done => setTimeout(done))
      }
    },
  }
}

describe('what waits to be drawn', () => {
  it('is served newest first: a grid does not hold up what is asked for after it', async () => {
    const runtime = slow()
    runtime.queue.join('only worker', 2)
    const grid = runtime.job('grid', recipes(...Array(25).keys()))
    const tune = runtime.job('tune', recipes(100))
    await runtime.finish(3)
    expect(tune.shown).toEqual([100])
    expect(grid.shown).toEqual([0, 1])
    await runtime.finish(30)
    expect(grid.shown.length).toBe(25)
    expect(await grid.whole).toBe(true)
  })

  it('is dropped where nobody waits for it any more, but for what is being drawn', async () => {
    const runtime = slow()
    runtime.queue.join('only worker', 2)
    const grid = runtime.job('grid', recipes(...Array(25).keys()))
    runtime.queue.cancel()
    expect(await grid.whole).toBe(false)
    const tune = runtime.job('tune', recipes(100))
    await runtime.finish(3)
    expect(tune.shown).toEqual([100])
    expect(runtime.drawn).toEqual([0, 1, 100])
    expect(grid.shown).toEqual([])
  })

  it('is replaced by what is asked for under the same name', async () => {
    const runtime = slow()
    runtime.queue.join('only worker', 1)
    const first = runtime.job('walk', recipes(1, 2, 3))
    const second = runtime.job('walk', recipes(4))
    expect(await first.whole).toBe(false)
    await runtime.finish(2)
    expect(second.shown).toEqual([4])
    expect(await second.whole).toBe(true)
  })

  it('comes in the order that was asked for, what can be seen before the rest, and follows a scroll', async () => {
    const runtime = slow()
    let top = 2
    const shelf = runtime.job('shelf', recipes(0, 1, 2, 3, 4, 5), [5, 4, 3, 2, 1, 0], index => index >= top)
    const other = runtime.job('other', recipes(10, 11), undefined, () => false)
    runtime.queue.join('only worker', 1)
    await runtime.finish(2)
    expect(shelf.shown).toEqual([5, 4])
    top = 0
    await runtime.finish(6)
    expect(shelf.shown).toEqual([5, 4, 3, 2, 1, 0])
    expect(other.shown).toEqual([10, 11])
  })

  it('is tried again where it is rejected, and the one with the lowest score is drawn where all are', async () => {
    const runtime = slow()
    runtime.queue.join('only worker', 1)
    const tries = [
      [recipe(-1), recipe(7), recipe(8)],
      [recipe(-3), recipe(-2), recipe(-4)],
    ]
    const job = runtime.job('grid', tries)
    await runtime.finish(6)
    expect(job.shown).toEqual([7, -2])
    expect(runtime.drawn).toEqual([-1, 7, -3, -2, -4, -2])
  })

  it('all fails with the worker that does', async () => {
    const queue = new DrawingQueue<string, number>()
    queue.join('only worker', 1)
    const broken = queue.draw({ name: 'a', recipes: recipes(1), show() {} }, () => Promise.reject(new Error('gone')))
    const other = queue.draw({ name: 'b', recipes: recipes(1), show() {} }, () => Promise.reject(new Error('gone')))
    await expect(broken).rejects.toThrow('gone')
    await expect(other).rejects.toThrow('gone')
  })

  it('is given only to workers that suit it, and the others go on with the rest', async () => {
    const queue = new DrawingQueue<string, number>()
    const who: Record<string, string[]> = { large: [], grid: [] }
    const ask = (kind: string) => async (worker: string) => {
      who[kind].push(worker)
      return { pixels: 0, rejection: 0 }
    }
    const show = (): void => {}
    const grid = queue.draw({ name: 'grid', recipes: recipes(1, 2, 3), show }, ask('grid'))
    const large = queue.draw(
      { name: 'large', recipes: recipes(4), show },
      ask('large'),
      worker => worker === 'prepared',
    )
    queue.join('other', 1)
    queue.join('prepared', 1)
    expect(await large).toBe(true)
    expect(await grid).toBe(true)
    expect(who.large).toEqual(['prepared'])
    expect(who.grid.length).toBe(3)
  })

  it('is over when nobody waits for anything any more', async () => {
    const runtime = slow()
    runtime.queue.join('only worker', 1)
    runtime.job('grid', recipes(1, 2))
    let isDrained = false
    const drained = runtime.queue.drained().then(() => {
      isDrained = true
    })
    await runtime.finish(1)
    expect(isDrained).toBe(false)
    await runtime.finish(1)
    await drained
    runtime.job('grid', recipes(3))
    const cancelled = runtime.queue.drained()
    runtime.queue.cancel()
    await cancelled
    await runtime.queue.drained()
  })
})
