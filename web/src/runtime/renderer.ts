// The page's side of the drawing threads: fetches a model, starts them, and gives them what waits in the queue.
import { type FileEntry, fetchModel, savesData } from './download'
import { RendererError } from './errors'
import { LARGE } from './finish'
import type { Header } from './model'
import { type Drawing, DrawingQueue, type Show as ShowAny } from './queue'
import type { Recipe } from './runtime'
import { Thread } from './thread'
import type { FromWorker } from './worker'

export type Show = ShowAny<ImageData>

export interface Renderer {
  readonly header: Header
  /** Draws pictures (in `order` if given, visible ones first) and shows each as it comes; true when all were, false if a newer request of
   *  this name came or it was cancelled.  Of several recipes for a picture the first is taken that is not rejected, or else the one
   *  with the lowest score.  Raises RendererError where it cannot go on. */
  draw(
    name: string,
    recipes: Recipe[][],
    show: Show,
    order?: readonly number[],
    visible?: (index: number) => boolean,
  ): Promise<boolean>
  /** The same at `side` pixels or a little more, one recipe a picture.  False too where the finishing stage cannot be had. */
  drawLarge(name: string, recipes: readonly Recipe[], side: number, show: Show): Promise<boolean>
  /** A picture that is there already, at `side` pixels or a little more; null where that cannot be. */
  finish(picture: ImageData, side: number): Promise<ImageData | null>
  /** Drops everything that is not drawn yet. */
  cancel(): void
  /** Milliseconds that the last picture took. */
  readonly pace: number
  /** Whether a graphics card draws, not WebAssembly; and why not, once that is known. */
  readonly card: { used: boolean; why: string }
  /** Resolves once it is decided what draws; the two are timed against each other before. */
  readonly decided: Promise<void>
  close(): void
}

const AT_ONCE = 2 // pictures that a thread has at once, so that it never waits for the page between two
const EXTRAS_AFTER = 1500 // milliseconds until more threads or the graphics card are started: not while the first pictures are drawn
const IDLE_AFTER = 500 // milliseconds without a request, after which the visitor is idle

/** Fetches a model while the first of `count` threads starts.  `progress` hears the share of the file that is there.  Raises RendererError. */
export async function openRenderer(
  file: FileEntry,
  finisher: FileEntry | null,
  count: number,
  progress: (share: number) => void,
): Promise<Renderer> {
  const queue = new DrawingQueue<Thread, ImageData>()
  const threads = [new Thread()]
  let data: ArrayBuffer
  let finishing: Promise<ArrayBuffer> | null = null
  const prepared = new Map<Thread, Promise<FromWorker>>()
  let header: Header
  let pace = 0
  let card = { used: false, why: '' }

  let cancelled = 0 // how often
  let open = true
  const close = (): void => {
    open = false
    threads.forEach(thread => thread.close())
    queue.cancel()
  }

  async function start(thread: Thread): Promise<void> {
    const reply = await thread.ask({ type: 'load', data, sha256: file.sha256 })
    if (reply.type === 'failed') throw new RendererError(reply.failure, reply.detail)
    if (reply.type === 'ready') header = reply.header
    queue.join(thread, AT_ONCE)
  }

  /** Fetched once; where that fails the next large picture tries again. */
  function fetchFinisher({ file, bytes }: FileEntry): Promise<ArrayBuffer> {
    finishing ??= fetchModel(file, bytes, () => {}).catch(error => {
      finishing = null
      throw error
    })
    return finishing
  }

  async function prepare(thread: Thread): Promise<void> {
    if (finisher && !prepared.has(thread)) {
      const { sha256 } = finisher
      prepared.set(
        thread,
        fetchFinisher(finisher).then(bytes => thread.ask({ type: 'finisher', data: bytes, sha256 })),
      )
    }
    await prepared.get(thread)
  }

  async function askLarge(thread: Thread, recipe: Recipe, side: number): Promise<Drawing<ImageData>> {
    await prepare(thread)
    return ask(thread, recipe, false, side)
  }

  async function ask(thread: Thread, recipe: Recipe, rejectable: boolean, large = 0): Promise<Drawing<ImageData>> {
    const reply = await thread.ask({ type: 'draw', recipe, rejectable, large })
    if (reply.type === 'failed') throw new RendererError(reply.failure, reply.detail)
    if (reply.type !== 'picture') throw new RendererError('memory', `a worker answered ${reply.type}`)
    if (!reply.pixels) return { pixels: null, rejection: reply.rejection }
    if (!large) pace = reply.milliseconds
    return { pixels: new ImageData(reply.pixels, reply.size, reply.size), rejection: reply.rejection }
  }

  try {
    data = await fetchModel(file.file, file.bytes, progress)
    await start(threads[0])
  } catch (error) {
    close()
    throw error
  }

  const decided = new Promise<void>(resolve =>
    setTimeout(() => {
      void grow().finally(resolve)
    }, EXTRAS_AFTER),
  )
  // The first large picture takes four times as long as the next ones: it is drawn while nobody waits, and not looked at.
  void decided
    .then(calm)
    .then(async () => {
      if (!finisher || !open || savesData()) return
      await askLarge(threads[0], { latent: new Float32Array(header.latent_dim), changes: [] }, LARGE)
    })
    .catch(() => {})
  /** Resolves once nobody waits for anything for a while: between two views nobody does either. */
  async function calm(): Promise<void> {
    do {
      await queue.drained()
      await new Promise(resolve => setTimeout(resolve, IDLE_AFTER))
    } while (queue.busy)
  }

  /** A graphics card if there is a good one, else further threads; one that fails is only one fewer. */
  async function grow(): Promise<void> {
    const why = await threads[0].tryCard()
    card = { used: why === null, why: why ?? '' }
    if (card.used) return
    for (let i = 1; i < count; i++) {
      const thread = new Thread()
      threads.push(thread)
      void start(thread).catch(() => {})
    }
  }

  const drawn = (job: Promise<boolean>): Promise<boolean> =>
    job.catch(error => {
      throw error instanceof RendererError ? error : new RendererError('memory', String(error))
    })

  return {
    header: header!,
    decided,
    close,
    get pace() {
      return pace
    },
    get card() {
      return card
    },
    draw: (name, recipes, show, order, visible) => drawn(queue.draw({ name, recipes, show, order, visible }, ask)),
    async drawLarge(name, recipes, side, show) {
      const before = cancelled
      try {
        if (finisher) await fetchFinisher(finisher)
      } catch {
        return false
      }
      if (cancelled !== before) return false
      const each = recipes.map(recipe => [recipe])
      // One picture is not worth preparing another thread for.
      const suits = (thread: Thread): boolean => recipes.length > 1 || thread === threads[0]
      return drawn(queue.draw({ name, recipes: each, show }, (thread, recipe) => askLarge(thread, recipe, side), suits))
    },
    async finish({ data, width: size }, side) {
      try {
        await prepare(threads[0])
        const pixels = data.slice() as Uint8ClampedArray<ArrayBuffer>
        const reply = await threads[0].ask({ type: 'finish', pixels, size, large: side })
        return reply.type === 'picture' && reply.pixels ? new ImageData(reply.pixels, reply.size, reply.size) : null
      } catch {
        return null
      }
    },
    cancel() {
      cancelled++
      queue.cancel()
    },
  }
}
