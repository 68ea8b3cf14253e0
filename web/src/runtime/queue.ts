// Pictures wait here, not in the workers, so that the newest job is served first, visible pictures before the others,
// and what nobody waits for any more is not drawn.
import type { Recipe } from './runtime'

export interface Drawing<Pixels> {
  /** None where the picture was rejected and none is needed. */
  pixels: Pixels | null
  /** The rejection score: 0 where it may be shown. */
  rejection: number
}

/** Draws on one worker; a `rejectable` picture that is rejected need not be drawn to its end.  Raises what ends everything. */
export type Ask<Worker, Pixels> = (worker: Worker, recipe: Recipe, rejectable: boolean) => Promise<Drawing<Pixels>>

/** `attempt` says which of the recipes that a picture might have been drawn from it was. */
export type Show<Pixels> = (index: number, pixels: Pixels, attempt: number) => void

export interface Request<Pixels> {
  /** A newer job of the same name replaces an older one. */
  name: string
  /** For every picture the recipes to try: the first that is not rejected is shown, or else the one with the lowest score. */
  recipes: readonly Recipe[][]
  show: Show<Pixels>
  /** Which pictures, and in which order; all of them without. */
  order?: readonly number[]
  /** Whether a picture can be seen now. */
  visible?: (index: number) => boolean
}

interface Job<Worker, Pixels> {
  request: Request<Pixels>
  suits: (worker: Worker) => boolean
  ask: Ask<Worker, Pixels>
  waiting: number[]
  left: number
  /** By picture: how many attempts there were, all of them rejected, and the best of them. */
  tried: Map<number, { attempts: number; best: { rejection: number; attempt: number } | null }>
  done: (whole: boolean) => void
  fail: (error: unknown) => void
}

export class DrawingQueue<Worker, Pixels> {
  private jobs: Job<Worker, Pixels>[] = [] // newest first
  private readonly idle: Worker[] = []
  private waitingToDrain: (() => void)[] = [] // who hears of it when nothing is left to draw

  /** A worker that from now on is given up to `atOnce` pictures at a time. */
  join(worker: Worker, atOnce: number): void {
    this.idle.push(...Array<Worker>(atOnce).fill(worker))
    this.next()
  }

  /** Whether somebody waits for something. */
  get busy(): boolean {
    return this.jobs.length > 0
  }

  /** Resolves as soon as nobody waits for anything. */
  drained(): Promise<void> {
    return new Promise(resolve => {
      this.waitingToDrain.push(resolve)
      this.tellDrained()
    })
  }

  /** True once all pictures were shown, false if the job was replaced or cancelled.  Only workers that suit draw it. */
  draw(
    request: Request<Pixels>,
    ask: Ask<Worker, Pixels>,
    suits: (worker: Worker) => boolean = () => true,
  ): Promise<boolean> {
    this.drop(job => job.request.name === request.name)
    const waiting = [...(request.order ?? request.recipes.keys())]
    if (!waiting.length) return Promise.resolve(true)
    return new Promise((done, fail) => {
      this.jobs.unshift({ request, ask, suits, waiting, left: waiting.length, tried: new Map(), done, fail })
      this.next()
    })
  }

  /** Nobody waits for anything any more. */
  cancel(): void {
    this.drop(() => true)
  }

  private drop(unwanted: (job: Job<Worker, Pixels>) => boolean): void {
    const dropped = this.jobs.filter(unwanted)
    this.jobs = this.jobs.filter(job => !dropped.includes(job))
    for (const job of dropped) job.done(false)
    this.tellDrained()
  }

  private tellDrained(): void {
    if (!this.jobs.length) for (const resolve of this.waitingToDrain.splice(0)) resolve()
  }

  private next(): void {
    this.tellDrained()
    for (const worker of this.idle.splice(0)) {
      const jobs = this.jobs.filter(job => job.waiting.length && job.suits(worker))
      const job = jobs.find(job => seen(job) >= 0) ?? jobs[0]
      if (!job) {
        this.idle.push(worker)
        continue
      }
      const [index] = job.waiting.splice(Math.max(0, seen(job)), 1)
      void this.paint(worker, job, index)
    }
  }

  private async paint(worker: Worker, job: Job<Worker, Pixels>, index: number): Promise<void> {
    const recipes = job.request.recipes[index]
    const { attempts, best } = job.tried.get(index) ?? { attempts: 0, best: null }
    const last = attempts === recipes.length // all were rejected: the best of them it is
    const attempt = last ? best!.attempt : attempts
    const rejectable = !last && recipes.length > 1
    try {
      const { pixels, rejection } = await job.ask(worker, recipes[attempt], rejectable)
      this.idle.push(worker)
      if (!this.jobs.includes(job)) return this.next()
      if (pixels === null || (rejectable && rejection > 0)) {
        job.tried.set(index, {
          attempts: attempts + 1,
          best: best && best.rejection <= rejection ? best : { rejection, attempt },
        })
        job.waiting.unshift(index)
        return this.next()
      }
      job.request.show(index, pixels, attempt)
      if (--job.left === 0) {
        this.jobs.splice(this.jobs.indexOf(job), 1)
        job.done(true)
      }
      this.next()
    } catch (error) {
      for (const failed of this.jobs.splice(0)) failed.fail(error)
    }
  }
}

/** Where among a job's waiting pictures the first one is that can be seen; -1 where none is. */
function seen({ waiting, request: { visible } }: Pick<Job<unknown, never>, 'waiting' | 'request'>): number {
  return waiting.findIndex(index => visible?.(index) ?? true)
}
