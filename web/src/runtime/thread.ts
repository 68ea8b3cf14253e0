// A drawing thread, as the page sees it: questions and their answers.
import { RendererError } from './errors'
import type { FromWorker, ToWorker } from './worker'
import DrawingWorker from './worker?worker&inline'

/** One drawing thread; answers come in the order of the questions, but for that about the graphics card. */
export class Thread {
  private oncard: (why: string | null) => void = () => {}
  private readonly waiting: { resolve: (reply: FromWorker) => void; reject: (error: RendererError) => void }[] = []
  private readonly worker: Worker

  constructor() {
    try {
      this.worker = new DrawingWorker()
    } catch (error) {
      throw new RendererError('noworker', String(error))
    }
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'gpu') this.oncard(data.why)
      else this.waiting.shift()?.resolve(data)
    }
    this.worker.onerror = event => {
      event.preventDefault()
      for (const { reject } of this.waiting.splice(0)) reject(new RendererError('noworker', event.message))
    }
  }

  ask(message: ToWorker): Promise<FromWorker> {
    this.worker.postMessage(message)
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  /** Why the graphics card is not used; null where from now on it is. */
  tryCard(): Promise<string | null> {
    this.worker.postMessage({ type: 'gpu', trusting: false } satisfies ToWorker)
    return new Promise(resolve => {
      this.oncard = resolve
    })
  }

  close(): void {
    this.worker.terminate()
  }
}
