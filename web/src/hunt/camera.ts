// The camera: asked for only when a game starts, let go of when it ends, and every way in which it may not be there told apart.

export type CameraTrouble = 'insecure' | 'unsupported' | 'refused' | 'missing' | 'busy' | 'ended' | 'black'

export class CameraError extends Error {
  constructor(readonly trouble: CameraTrouble) {
    super(trouble)
  }
}

export interface Camera {
  readonly video: HTMLVideoElement
  readonly device: string
  /** Whether it looks at whoever holds it: people expect a mirror then. */
  readonly front: boolean
  /** Called once, when it is taken away midway. */
  onended: () => void
  close(): void
}

const REASONS: Record<string, CameraTrouble> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

/** Why there can be no camera at all here; null where it can be asked for. */
export function impossible(): CameraTrouble | null {
  if (!isSecureContext) return 'insecure'
  return typeof navigator.mediaDevices?.getUserMedia === 'function' ? null : 'unsupported'
}

/** Opens a camera into the video element: a certain one, or else the one at the back.  Raises CameraError. */
export async function openCamera(video: HTMLVideoElement, device: string | null): Promise<Camera> {
  const trouble = impossible()
  if (trouble) throw new CameraError(trouble)
  const size = { width: { ideal: 640 }, height: { ideal: 480 } }
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: device ? { ...size, deviceId: { exact: device } } : { ...size, facingMode: { ideal: 'environment' } },
    })
  } catch (error) {
    throw new CameraError(REASONS[(error as DOMException).name] ?? 'busy')
  }
  const [track] = stream.getVideoTracks()
  const settings = track.getSettings()
  const camera: Camera = {
    video,
    device: settings.deviceId ?? '',
    front: settings.facingMode ? settings.facingMode === 'user' : /front|facetime|integrated|user/i.test(track.label),
    onended: () => {},
    close() {
      track.onended = null
      stream.getTracks().forEach(t => t.stop())
      video.srcObject = null
    },
  }
  track.onended = () => camera.onended()
  video.srcObject = stream
  try {
    await video.play()
  } catch {
    camera.close()
    throw new CameraError('busy')
  }
  return camera
}

/** All cameras of this device, once one was allowed: before that browsers do not tell their names. */
export async function cameras(): Promise<{ id: string; label: string }[]> {
  const found = await navigator.mediaDevices.enumerateDevices().catch(() => [])
  return found.filter(d => d.kind === 'videoinput').map(d => ({ id: d.deviceId, label: d.label }))
}
