// Tones and spoken words, both made on this device; each can be switched off, and that is remembered.
import { currentLanguage } from '../i18n'
import { readStored, store } from '../ui/storage'

export type Channel = 'sound' | 'voice'

export const hears = (channel: Channel): boolean => readStored(`hunt.${channel}`) !== 'off'
export const allow = (channel: Channel, on: boolean): void => {
  store(`hunt.${channel}`, on ? 'on' : 'off')
  if (!on && channel === 'voice') globalThis.speechSynthesis?.cancel()
}

const TUNES = {
  start: [392, 523],
  warm: [440],
  found: [523, 659, 784],
  miss: [196],
  hurry: [330],
  won: [523, 659, 784, 1047, 784, 1047],
  lost: [392, 330, 262],
}
const NOTE = 0.11 // seconds

let audio: AudioContext | null = null

export function play(tune: keyof typeof TUNES): void {
  if (!hears('sound') || typeof AudioContext === 'undefined') return
  audio ??= new AudioContext()
  void audio.resume()
  TUNES[tune].forEach((pitch, i) => {
    const at = audio!.currentTime + i * NOTE
    const [tone, volume] = [audio!.createOscillator(), audio!.createGain()]
    tone.type = 'triangle'
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.16, at)
    volume.gain.exponentialRampToValueAtTime(0.001, at + 1.6 * NOTE)
    tone.connect(volume).connect(audio!.destination)
    tone.start(at)
    tone.stop(at + 1.7 * NOTE)
  })
}

/** Says a few words, with a voice of this device only: others would send them away. */
export function speakUp(text: string): void {
  const voices = globalThis.speechSynthesis
  if (!hears('voice') || !voices) return
  const voice = voices.getVoices().find(v => v.localService && v.lang.toLowerCase().startsWith(currentLanguage()))
  if (!voice) return
  voices.cancel()
  const words = new SpeechSynthesisUtterance(text)
  words.voice = voice
  words.lang = voice.lang
  voices.speak(words)
}

export function hush(): void {
  globalThis.speechSynthesis?.cancel()
}
