// What the visitor's browser keeps: the language, the favourites, the hunt's switches.  Where it may not keep anything, as in some
// private windows, all is kept until the page is closed.
const unsaved = new Map<string, string>()

export function readStored(key: string): string | null {
  try {
    return unsaved.get(key) ?? localStorage.getItem(`chonk.${key}`)
  } catch {
    return null
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(`chonk.${key}`, value)
    unsaved.delete(key)
  } catch {
    unsaved.set(key, value)
  }
}
