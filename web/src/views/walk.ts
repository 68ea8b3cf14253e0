// A stroll through the latent space: round through a few stops and back.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { combine, fromSeed, type Point, write } from '../points'
import { LARGE } from '../runtime/finish'
import { MAX_STOPS } from '../state'
import { animate } from '../ui/animation'
import { button, playToggle, randomSeed, slider } from '../ui/controls'
import { h, icon } from '../ui/dom'
import { copyLink, download } from '../ui/keep'
import { nameOf } from '../ui/large'
import { Tile } from '../ui/tile'

const SECONDS_A_LEG = 2
const FRAME = 256 // pixels

/** The point at `time` (0 to the number of stops, which is the start again); eased, so that it lingers at the stops. */
export function pointAt(stops: readonly Point[], time: number): Point {
  const leg = Math.floor(time) % stops.length
  const x = time - Math.floor(time)
  const eased = x * x * (3 - 2 * x)
  return combine([
    [1 - eased, stops[leg]],
    [eased, stops[(leg + 1) % stops.length]],
  ])
}

export function walk(c: Context): ViewParts {
  const stage = new Tile(t('view_walk'), c.entry.size, c.open)
  stage.element.classList.add('large')
  let time = 0
  let running = 0

  const show = (): Promise<boolean> => {
    stage.point = pointAt(c.state.stops, time)
    return c.draw('walk', [stage.point], (_, pixels) => stage.show(pixels))
  }
  /** The picture of a walk that rests, finished. */
  const finish = (): void => {
    const point = stage.point
    if (running) return
    void c.drawLarge('walk large', [point], LARGE, (_, pixels) => {
      if (!running && stage.point === point) stage.showLarge(pixels)
    })
  }
  const place = slider(
    t('position'),
    0,
    c.state.stops.length,
    0.01,
    0,
    value => {
      pause()
      time = value
      void show().then(drawn => drawn && finish())
    },
    v => v.toFixed(2),
  )
  const { element: toggle, label } = playToggle(
    () => running !== 0,
    play,
    () => {
      pause()
      finish()
    },
  )

  function play(): void {
    if (!c.renderer) return
    const start = performance.now() - time * SECONDS_A_LEG * 1000
    const frame = async (now: number): Promise<void> => {
      time = (Math.max(0, now - start) / 1000 / SECONDS_A_LEG) % c.state.stops.length
      place.set(time)
      await show()
      if (running) running = requestAnimationFrame(frame)
    }
    running = requestAnimationFrame(frame)
    label()
  }
  function pause(): void {
    cancelAnimationFrame(running)
    running = 0
    label()
  }

  const tiles = c.state.stops.map((_, i) => new Tile(t('stop', { n: i + 1 }), c.entry.size, c.open))
  const change = (stops: readonly Point[]): void => {
    c.set({ stops }, 'go')
  }
  const remove = (i: number): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'remove',
        'aria-label': t('removeStop', { n: i + 1 }),
        onclick: () => change(c.state.stops.filter((_, k) => k !== i)),
      },
      icon('close'),
    )
  const stops = h(
    'div',
    { class: 'stops', role: 'group', 'aria-label': t('stops') },
    ...tiles.map((tile, i) => h('div', { class: 'stop' }, tile.element, tiles.length > 2 && remove(i))),
    tiles.length < MAX_STOPS &&
      h(
        'button',
        {
          type: 'button',
          class: 'tile add',
          'aria-label': t('addStop'),
          title: t('addStop'),
          onclick: () => {
            void c.resample([fromSeed(randomSeed(), 0)]).then(found => found && change([...c.state.stops, ...found]))
          },
        },
        icon('plus'),
      ),
  )

  async function save(): Promise<void> {
    pause()
    if (!c.renderer) return
    const name = nameOf(c, `walk-${c.state.stops.map(write).join('-')}`)
    const frames = 16 * c.state.stops.length
    const pictures: ImageData[] = []
    await c.drawLarge(
      'walk',
      Array.from({ length: frames }, (_, i) => pointAt(c.state.stops, i / 16)),
      FRAME,
      (i, pixels) => {
        pictures[i] = pixels
        c.say(t('savingWalk', { n: i + 1, count: frames }))
      },
    )
    if (pictures.length < frames) return
    const { blob, ending } = await animate(pictures, (SECONDS_A_LEG * 1000) / 16)
    download(blob, `${name}.${ending}`)
    c.say(t('saved'), 4)
  }

  return {
    element: h(
      'div',
      { class: 'stage walk' },
      stage.element,
      h(
        'div',
        { class: 'walk-panel' },
        h('div', { class: 'transport' }, toggle, place.element),
        stops,
        h(
          'div',
          { class: 'minor' },
          button('dice', t('newWalk'), () => {
            const seed = randomSeed()
            void c.resample([0, 1, 2, 3].map(i => fromSeed(seed, i))).then(found => found && change(found))
          }),
          button('save', t('saveWalk'), () => {
            void save()
          }),
          button('link', t('copyLink'), () => {
            void copyLink(c.address, c.say)
          }),
        ),
      ),
    ),
    draw() {
      tiles.forEach((tile, i) => {
        tile.point = c.state.stops[i]
      })
      void show()
      void c.draw('stops', c.state.stops, (i, pixels) => tiles[i].show(pixels)).then(drawn => drawn && finish())
    },
    stop: pause,
  }
}
