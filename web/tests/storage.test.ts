import { afterEach, expect, test, vi } from 'vitest'
import { readStored, store } from '../src/ui/storage'

function storage(allowed: boolean): Map<string, string> {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string) {
      if (!allowed) throw new DOMException('', 'QuotaExceededError')
      kept.set(key, value)
    },
  })
  return kept
}

afterEach(() => vi.unstubAllGlobals())

test('what may not be kept holds until the page is closed', () => {
  expect(readStored('voice')).toBe(null)
  storage(false)
  store('voice', 'off')
  expect(readStored('voice')).toBe('off')
  const kept = storage(true)
  expect(readStored('voice')).toBe('off')
  store('voice', 'on')
  expect(readStored('voice')).toBe('on')
  expect(kept.get('chonk.voice')).toBe('on')
  kept.set('chonk.voice', 'of another tab')
  expect(readStored('voice')).toBe('of another tab')
})
