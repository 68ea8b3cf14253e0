// The arithmetic of the page, as the WebAssembly in web/kernels exports it.

export interface Kernels {
  memory: WebAssembly.Memory
  conv(...n: number[]): void
  depthwise(...n: number[]): void
  local(from: number, weights: number, to: number, places: number, rows: number, columns: number): void
  localBack(from: number, weights: number, to: number, places: number, rows: number, columns: number): void
  winogradIn(input: number, to: number, tiles: number, channels: number, rowBytes: number, plane: number): void
  winogradOut(
    from: number,
    bias: number,
    to: number,
    tiles: number,
    channels: number,
    rowBytes: number,
    plane: number,
    slope: number,
  ): void
  activation(from: number, to: number, count: number, kind: number, alpha: number): void
  clamp(from: number, to: number, count: number, low: number, high: number): void
  mix(a: number, b: number, to: number, count: number, p: number, q: number): void
  product(a: number, b: number, to: number, count: number): void
  affine(from: number, scale: number, shift: number, to: number, pixels: number, channels: number): void
  softmax(from: number, to: number, pixels: number, channels: number): void
  normalize(from: number, to: number, pixels: number, channels: number): void
  selfAttention(qkv: number, room: number, to: number, places: number, channels: number, heads: number): void
  sharpen(...n: number[]): void
}
