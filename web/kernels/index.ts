// The arithmetic of a generator, for one SIMD thread: height x width x channels layout, 32-bit floats, pointers in bytes.
//
// Plain multiplications and additions, no fused ones: those differ between processors, and a link must show the same
// pixels everywhere.  Every buffer is 16 bytes longer than its numbers, so that a vector may run over the end.
export * from './attention'
export * from './conv'
export * from './local'
export * from './pointwise'
export * from './sharpen'
export * from './winograd'
