// A short tone for each verdict, for who looks at the papers and not at the screen; off unless it was switched on.
const KEPT = "counter.sound";
const TONES = { GREEN: [880], AMBER: [523, 523], RED: [220, 220, 220] };
let context = null;

export const isOn = () => localStorage.getItem(KEPT) === "on";
export const switchTo = (on) => localStorage.setItem(KEPT, on ? "on" : "off");

export function sound(colour) {
  if (!isOn()) return;
  context ??= new AudioContext();
  TONES[colour].forEach((frequency, place) => {
    const [tone, loudness] = [context.createOscillator(), context.createGain()];
    const begin = context.currentTime + place * 0.16;
    tone.frequency.value = frequency;
    loudness.gain.value = 0.15;
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.11);
  });
}
