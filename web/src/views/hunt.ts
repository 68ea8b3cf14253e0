// Sticker Hunt: from the way into the game (../hunt/setup) to the game (../hunt/match) to its end (../hunt/end).
import '../hunt/hunt.css'
import type { Context, ViewParts } from '../context'
import type { Photo } from '../hunt/album'
import type { Way } from '../hunt/best'
import { CameraError, type CameraTrouble } from '../hunt/camera'
import { RecognizerClient } from '../hunt/client'
import { crowd } from '../hunt/crowd'
import { endScreen } from '../hunt/end'
import { Game } from '../hunt/game'
import type { Ground } from '../hunt/ground'
import { type Match, match } from '../hunt/match'
import { setupScreen, wantsClock } from '../hunt/setup'
import { Stickers } from '../hunt/stickers'
import { viewfinder } from '../hunt/viewfinder'
import { w } from '../hunt/words'
import { t } from '../i18n'
import type { HuntEntry } from '../page'
import { fromSeed } from '../points'
import { RendererError } from '../runtime/errors'
import { button } from '../ui/controls'
import { h } from '../ui/dom'
import { crisp } from '../ui/large'

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

  private show(screen: HTMLElement): void {
    this.match?.close()
    this.match = null
    this.element.replaceChildren(screen)
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
    this.show(
      setupScreen(
        this.c,
        this.entry.stickers,
        () => this.sheet(),
        way => void this.start(way),
      ),
    )
  }

  /** A whole game, one way or the other. */
  async start(way: Way): Promise<void> {
    const { c } = this
    try {
      const stickers = await this.sheet()
      const game = new Game(c.state.seed, stickers.count, wantsClock())
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
      return crowd(stickers, await this.strangers(), c.state.seed, playing.listener, picture => crisp(c, picture))
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
    this.focus()
  }

  /** The button that led here is gone: the keyboard goes on at the first one, or at `next`, and the page at its heading. */
  private focus(next: HTMLElement | null = this.element.querySelector('button')): void {
    scrollTo({ top: 0 })
    next?.focus()
  }

  private end(way: Way, game: Game, photos: Photo[], stickers: Stickers): void {
    const { c } = this
    const back = (): void => {
      this.setup()
      c.say('')
      this.focus()
    }
    const { element, again } = endScreen(c, way, game, photos, stickers, next => void this.start(next), back)
    this.show(element)
    c.say('')
    this.focus(again)
  }
}
