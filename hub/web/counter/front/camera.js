// The camera: looks for codes while it is on, off whenever the page is not seen. Pictures are looked at and forgotten; none is kept or sent.
//
// The browser's own detector is used where it knows QR codes, else zxing in a worker. A code that stays in view is told once.
import { decode } from "./decoder.js";

const PAUSE = 80; // milliseconds between two looks
const GONE = 1500; // a code that was not seen for so long is told again
const LONGEST_SIDE = 1280;
const KEPT = "counter.camera";
const REFUSED = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };

export class Camera {
  // onCode(text); onState(name): "off", "starting", "on", "denied", "none", "busy".
  constructor(video, onCode, onState) {
    Object.assign(this, { video, onCode, onState, stream: null, wanted: false, seen: new Map() });
    this.canvas = document.createElement("canvas");
    document.addEventListener("visibilitychange", () => this.wanted && (document.hidden ? this.#close() : this.#open()));
  }

  async start(device = localStorage.getItem(KEPT)) {
    this.wanted = true;
    await this.#open(device);
  }

  stop() {
    this.wanted = false;
    this.#close();
    this.onState("off");
  }

  // Another camera; it is remembered, for a desk has the same one tomorrow.
  async choose(device) {
    localStorage.setItem(KEPT, device);
    this.#close();
    await this.start(device);
  }

  async devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((each) => each.kind === "videoinput");
  }

  get current() {
    return this.track?.getSettings().deviceId;
  }

  get track() {
    return this.stream?.getVideoTracks()[0];
  }

  get hasTorch() {
    return this.track?.getCapabilities?.().torch === true;
  }

  async light(on) {
    await this.track?.applyConstraints({ advanced: [{ torch: on }] });
  }

  async #open(device = localStorage.getItem(KEPT)) {
    if (!navigator.mediaDevices?.getUserMedia) return this.#failed("none");
    this.onState("starting");
    try {
      this.stream = await streamOf(device);
      if (!this.wanted || document.hidden) return this.#close();
      this.video.srcObject = this.stream;
      await this.video.play();
      this.onState("on");
      this.#look(this.stream, await reader(this.canvas));
    } catch (error) {
      this.#close();
      this.#failed(REFUSED[error.name] ?? "busy");
    }
  }

  #failed(state) {
    this.wanted = false;
    this.onState(state);
  }

  #close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  async #look(stream, read) {
    while (this.stream === stream) {
      if (this.video.readyState >= this.video.HAVE_CURRENT_DATA) {
        const texts = await read(this.video).catch(() => []);
        if (this.stream === stream) texts.forEach((text) => this.#told(text));
      }
      await new Promise((later) => setTimeout(later, PAUSE));
    }
  }

  #told(text) {
    const now = performance.now();
    const before = this.seen.get(text) ?? -Infinity;
    this.seen.set(text, now);
    if (now - before > GONE) this.onCode(text);
  }
}

async function streamOf(device) {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const which = device ? { deviceId: { ideal: device } } : { facingMode: { ideal: "environment" } };
  return navigator.mediaDevices.getUserMedia({ video: { ...which, ...size }, audio: false });
}

async function reader(canvas) {
  const formats = (await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video)).map((each) => each.rawValue);
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => decode(pixelsOf(context, video, video.videoWidth, video.videoHeight, LONGEST_SIDE), false);
}

// Draws a picture no larger than `longest`, and returns its pixels.
export function pixelsOf(context, picture, width, height, longest) {
  const share = Math.min(1, longest / Math.max(width, height));
  const [across, down] = [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
  Object.assign(context.canvas, { width: across, height: down });
  context.drawImage(picture, 0, 0, across, down);
  return context.getImageData(0, 0, across, down);
}
