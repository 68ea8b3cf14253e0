// Sticker Hunt: the way into the game, the game, and its end.
import '../hunt/hunt.css'
import type { Context, ViewParts } from '../context'
import { album, type Photo } from '../hunt/album'
import { CameraError, type CameraTrouble } from '../hunt/camera'
import { RecognizerClient } from '../hunt/client'
import { crowd } from '../hunt/crowd'
import { BONUS, FINDS, Game } from '../hunt/game'
import type { Ground } from '../hunt/ground'
import { type Match, match } from '../hunt/match'
import { shelf } from '../hunt/shelf'
import { allow, hears } from '../hunt/sound'
import { Stickers } from '../hunt/stickers'
import { viewfinder } from '../hunt/viewfinder'
import { time, w } from '../hunt/words'
import { t } from '../i18n'
import type { HuntEntry } from '../page'
import { fromSeed } from '../points'
import { RendererError } from '../runtime/errors'
import { button, randomSeed } from '../ui/controls'
import { h } from '../ui/dom'
import { canShare, copyLink, download, share, toBlob } from '../ui/keep'
import { canvasOf } from '../ui/large'
import { recall, remember } from '../ui/storage'

type Way = 'camera' | 'crowd'
const GENERATED = 36 // pictures of the crowd that the model draws
const CROWD_PATIENCE = 8000 // milliseconds for them; then other stickers make the crowd

export function hunt(c: Context): ViewParts {
  const element = h('div', { class: 'stage hunt' })
  const { hunt: entry } = c.entry
  if (!entry) {
    element.append(h('p', { class: 'trouble' }, w('noHunt')))
    return { element, draw() {} }
  }
  const player = new Player(c, entry, element)
  player.setup()
  return { element, draw() {}, stop: () => player.close() }
}

class Player {
  private stickers: Promise<Stickers> | null = null
  private client: Promise<RecognizerClient> | null = null
  private match: Match | null = null
  private closed = false
  private clock = recall('hunt.clock') !== 'off'

  constructor(
    private readonly c: Context,
    private readonly entry: HuntEntry,
    private readonly element: HTMLElement,
  ) {}

  close(): void {
    this.closed = true
    this.match?.close()
    void this.client?.then(client => client.close()).catch(() => {})
  }

  private show(...parts: (HTMLElement | false)[]): void {
    this.match?.close()
    this.match = null
    this.element.replaceChildren(...parts.filter((p): p is HTMLElement => !!p))
  }

  private sheet(): Promise<Stickers> {
    this.stickers ??= Stickers.open(this.entry)
    this.stickers.catch(() => {
      this.stickers = null
    })
    return this.stickers
  }

  /** The way into the game. */
  setup(): void {
    const { c } = this
    const best = (['camera', 'crowd'] as const).map(way => this.best(way)).filter(b => b !== null)
    this.show(
      h(
        'div',
        { class: 'hunt-setup' },
        h('p', {}, w('how', { bonus: BONUS })),
        h('p', { class: 'hint' }, w('private')),
        h(
          'div',
          { class: 'row' },
          button('camera', w('withCamera'), () => void this.start('camera'), 'primary big'),
          button('grid', w('withoutCamera'), () => void this.start('crowd'), 'big'),
        ),
        h(
          'div',
          { class: 'row' },
          this.switch(w('sound'), hears('sound'), on => allow('sound', on)),
          this.switch(w('voice'), hears('voice'), on => allow('voice', on)),
          this.switch(w('clock'), this.clock, on => {
            this.clock = on
            remember('hunt.clock', on ? 'on' : 'off')
          }),
        ),
        best.length > 0 && h('p', {}, w('bestTime', { time: time(Math.min(...best)) })),
        h(
          'div',
          { class: 'minor' },
          button('dice', w('newHunt'), () => c.set({ seed: randomSeed() })),
          button('link', w('shareHunt'), () => void copyLink(c.address, c.say)),
        ),
        shelf(
          this.entry.stickers,
          c.entry.name,
          () => this.sheet(),
          async (sticker, side) => {
            const { width } = sticker
            const pixels = sticker.getContext('2d')!.getImageData(0, 0, width, width)
            return canvasOf((await c.renderer?.finish(pixels, side)) ?? sticker, side)
          },
          c.say,
        ),
      ),
    )
  }

  private switch(text: string, on: boolean, change: (on: boolean) => void): HTMLElement {
    const chip = h('button', { type: 'button', class: 'chip', 'aria-pressed': String(on) }, text)
    chip.addEventListener('click', () => {
      const now = chip.getAttribute('aria-pressed') !== 'true'
      chip.setAttribute('aria-pressed', String(now))
      change(now)
    })
    return chip
  }

  private best(way: Way): number | null {
    const kept = Number(recall(`hunt.best.${this.c.entry.name}.${way}`) ?? Number.NaN)
    return Number.isFinite(kept) && kept > 0 ? kept : null
  }

  /** A whole game, one way or the other. */
  async start(way: Way): Promise<void> {
    const { c } = this
    try {
      const stickers = await this.sheet()
      const game = new Game(c.state.seed, stickers.count, this.clock)
      const playing = match(
        c,
        game,
        stickers,
        photos => this.end(way, game, photos, stickers),
        () => [
          button('camera', w('cameraAgain'), () => void this.goOn('camera', playing, stickers), 'small'),
          button('grid', w('goOnWithout'), () => void this.goOn('crowd', playing, stickers), 'small'),
        ],
      )
      const ground = await this.ground(way, playing, stickers)
      if (this.closed) return ground.close()
      this.show(playing.element)
      this.match = playing
      playing.begin(ground)
      playing.element.scrollIntoView({ block: 'start' })
    } catch (error) {
      this.fail(error)
    }
  }

  private async goOn(way: Way, playing: Match, stickers: Stickers): Promise<void> {
    try {
      playing.begin(await this.ground(way, playing, stickers))
    } catch (error) {
      playing.listener.trouble(error instanceof CameraError ? error.trouble : 'ended')
    }
  }

  private async ground(way: Way, playing: Match, stickers: Stickers): Promise<Ground> {
    const { c } = this
    if (way === 'crowd') {
      c.say(w('drawingCrowd'))
      return crowd(stickers, await this.strangers(), c.state.seed, playing.listener)
    }
    c.say(w('fetching'))
    this.client ??= RecognizerClient.open(this.entry, () => {})
    this.client.catch(() => {
      this.client = null
    })
    const client = await this.client
    c.say(w('opening'))
    return viewfinder(client, playing.listener)
  }

  /** Pictures that the page's model draws of the hunt's seed, as many as come in time. */
  private async strangers(): Promise<HTMLCanvasElement[]> {
    const { c } = this
    const made: HTMLCanvasElement[] = []
    const points = Array.from({ length: GENERATED }, (_, i) => fromSeed(c.state.seed, 100 + i))
    const drawing = c.sample('crowd', points, (_, pixels) => {
      const canvas = h('canvas', { width: pixels.width, height: pixels.height })
      canvas.getContext('2d', { willReadFrequently: true })!.putImageData(pixels, 0, 0)
      made.push(canvas)
    })
    await Promise.race([drawing, new Promise(resolve => setTimeout(resolve, CROWD_PATIENCE))])
    return [...made]
  }

  /** Says what is wrong with the camera, or with the files; the other way to play is always there. */
  private fail(error: unknown): void {
    if (this.closed) return
    const trouble: CameraTrouble | null = error instanceof CameraError ? error.trouble : null
    const words = trouble
      ? w(`trouble_${trouble}`)
      : t(`trouble_${error instanceof RendererError ? error.trouble : 'network'}`)
    this.setup()
    this.c.say('')
    this.element.prepend(
      h(
        'div',
        { class: 'trouble', role: 'alert' },
        h('span', {}, words),
        button('grid', w('withoutCamera'), () => void this.start('crowd'), 'small'),
      ),
    )
  }

  /** The end: how it went, and the photos. */
  private end(way: Way, game: Game, photos: Photo[], stickers: Stickers): void {
    const { c } = this
    const won = game.status === 'won'
    const best = this.best(way)
    const record = won && game.clock && (best === null || game.spent < best)
    if (record) remember(`hunt.best.${c.entry.name}.${way}`, game.spent.toFixed(1))
    const result = won
      ? w('wonIn', { time: time(game.spent) })
      : w(game.left > 0 ? 'overWith' : 'lostWith', { n: game.found, count: FINDS })
    const message = record ? `${result} ${w('newBest')}` : result
    const sheet = album(photos, stickers, c.entry.title, w('foundOf', { n: game.found, count: FINDS }))
    sheet.setAttribute('role', 'img')
    sheet.setAttribute('aria-label', w('album'))
    const again = button('play', w('again'), () => void this.start(way), 'primary big')
    again.setAttribute('aria-describedby', 'hunt-result') // it gets the focus, so that a screen reader says both
    this.show(
      h(
        'div',
        { class: 'hunt-end' },
        h('h3', { id: 'hunt-result' }, message),
        photos.length > 0 && sheet,
        h('div', { class: 'row' }, again),
        h(
          'div',
          { class: 'minor' },
          photos.length > 0 &&
            button('save', w('savePhotos'), () => void toBlob(sheet).then(b => download(b, 'sticker-hunt.png'))),
          photos.length > 0 &&
            canShare() &&
            button('share', w('sharePhotos'), () => void share(result, c.address, sheet, 'sticker-hunt.png')),
          button('link', w('shareHunt'), () => void copyLink(c.address, c.say)),
          button('dice', w('otherHunt'), () => {
            c.set({ seed: randomSeed() })
            void this.start(way)
          }),
          button('close', w('back'), () => {
            this.setup()
            c.say('')
          }),
        ),
      ),
    )
    c.say('')
    again.focus({ preventScroll: true })
  }
}
