// The camera's part of the page: its button, its states in words, which camera, the light.
import { Camera } from "./camera.js";
import { say } from "./verdict_view.js";

const STATES = {
  off: "",
  starting: "counter.camera.starting",
  on: "counter.camera.on",
  denied: "counter.camera.denied",
  none: "counter.camera.none",
  busy: "counter.camera.busy",
};
const byId = (id) => document.getElementById(id);

export function cameraView(onCode) {
  const camera = new Camera(byId("video"), onCode, (state) => shown(camera, state));
  byId("camera-button").addEventListener("click", () => toggle(camera));
  byId("camera-stop").addEventListener("click", () => camera.stop());
  byId("camera-choice").addEventListener("change", (event) => camera.choose(event.target.value));
  byId("torch").addEventListener("click", async (event) => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(on));
    await camera.light(on);
  });
  return { toggle: () => toggle(camera), stop: () => camera.stop() };
}

function toggle(camera) {
  if (camera.wanted) camera.stop();
  else camera.start();
}

async function shown(camera, state) {
  byId("camera").hidden = state === "off";
  byId("camera").dataset.state = state;
  byId("camera-button").setAttribute("aria-expanded", String(state !== "off"));
  byId("camera-state").textContent = STATES[state] && say(STATES[state]);
  byId("camera-stop").hidden = state !== "on" && state !== "starting";
  byId("torch").hidden = state !== "on" || !camera.hasTorch;
  const devices = state === "on" ? await camera.devices() : [];
  byId("camera-choice").replaceChildren(...devices.map((each, place) => new Option(each.label || String(place + 1), each.deviceId)));
  byId("camera-choice").value = camera.current ?? "";
  for (const id of ["camera-choice", "camera-choice-label"]) byId(id).hidden = devices.length < 2;
}
