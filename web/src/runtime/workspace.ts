// The memory that the steps of a model share: weights that are written once, and room that is lent from step to step.
import type { Kernels } from './kernels'
import { Memory, PAGE } from './memory'
import type { Op } from './model'

export class Workspace {
  /** All of the memory as numbers, once it is filled. */
  heap = new Float32Array()
  readonly memory = new Memory()
  private readonly kept: [number, Float32Array][] = []
  private readonly shared = new Map<string, number>()
  private readonly borrowed: [number, number][] = []

  constructor(private readonly kernels: Kernels) {}

  /** The address of numbers that are there for every picture. */
  keep(numbers: Float32Array): number {
    const at = this.memory.keep(numbers.length)
    this.kept.push([at, numbers])
    return at * 4
  }

  /** The same for the first weights of operations of which several may have the same: they are made and kept once. */
  share(kind: string, op: Op, make: () => Float32Array): number {
    const key = `${kind} ${op.w![0]}`
    const at = this.shared.get(key) ?? this.keep(make())
    this.shared.set(key, at)
    return at
  }

  /** Room that only the step being made needs. */
  borrow(size: number): number {
    const at = this.memory.take(size)
    this.borrowed.push([at, size])
    return at
  }

  /** What was borrowed is lent again to the next step. */
  giveBack(): void {
    for (const [at, size] of this.borrowed.splice(0)) this.memory.give(at, size)
  }

  /** Makes room for all steps, for vectors of up to so many channels, and writes what is kept. */
  fill(widest: number): void {
    const missing = this.memory.pages(widest) - this.kernels.memory.buffer.byteLength / PAGE
    if (missing > 0) this.kernels.memory.grow(missing)
    this.heap = new Float32Array(this.kernels.memory.buffer)
    for (const [at, numbers] of this.kept.splice(0)) this.heap.set(numbers, at)
  }
}
