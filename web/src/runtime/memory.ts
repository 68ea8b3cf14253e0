// Places in a memory of WebAssembly, lent to steps that come one after the other.
export const PAGE = 65536

/** Hands out places in memory, in numbers, and takes them back; every place has room for one vector more.
 *  What is taken with `keep` is never lent again: weights are written once and read by every picture. */
export class Memory {
  private free: { at: number; size: number }[] = []
  private end = PAGE / 4

  take(size: number): number {
    const room = (size + 7) & ~3
    const best = this.free.filter(f => f.size >= room).sort((a, b) => a.size - b.size)[0]
    if (best) {
      const at = best.at
      best.at += room
      best.size -= room
      return at
    }
    this.end += room
    return this.end - room
  }

  keep(size: number): number {
    this.end += (size + 7) & ~3
    return this.end - ((size + 7) & ~3)
  }

  give(at: number, size: number): void {
    this.free.push({ at, size: (size + 7) & ~3 })
  }

  /** Pages for everything handed out, and for the four pixels that a convolution always reads. */
  pages(widest: number): number {
    return Math.ceil(((this.end + 4 * widest + 64) * 4) / PAGE)
  }
}
