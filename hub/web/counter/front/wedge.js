// Scanners that type (keyboard wedges): a burst of keys, faster than any hand, ended by Enter, Tab or silence.
//
// Decides which keys were a scanner's, whichever element has the focus, and gives a field that the burst went into back as it was. It never takes
// what a person types: that is slower. A scanner types as if on an American keyboard: under another layout, or an input method that is
// switched on, what arrives is something else, so the keys themselves are kept beside the characters.
const FASTEST_HAND = 60; // milliseconds between two keys; scanners take 1 to 40
const LAST_KEY = 300; // some wait before they send Enter
const SILENCE = 150; // after that a burst without an end was all of it
const SHORTEST = 12;
const KEYS = { Slash: "/", Semicolon: ":", Period: ".", Minus: "-", Digit3: "#", Numpad3: "3" };
const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);
const MODIFIERS = new Set(["Shift", "CapsLock", "AltGraph"]);

// Calls onScan(text) with each burst; `isCode` tells which reading of the keys is a code. What went into `home`, the field for codes, is read there:
// on a busy computer a burst may falter. Returns how to stop.
export function wedge(page, home, isCode, onScan) {
  let burst = null;

  function take(event) {
    const { field, before, typed, pressed, timer } = burst;
    const readings = field === home ? [home.value, typed, pressed] : [typed, pressed];
    clearTimeout(timer);
    burst = null;
    if (event) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    giveBack(field, before);
    onScan(readings.find(isCode) ?? readings[0]);
  }

  function silent() {
    if (burst && (isCode(burst.typed) || isCode(burst.pressed))) take();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || (event.altKey && event.key !== "AltGraph")) return void (burst = null);
    if (MODIFIERS.has(event.key)) return;
    const since = burst ? event.timeStamp - burst.last : Infinity;
    if (ENDS.has(event.code) || ENDS.has(event.key)) {
      if (burst && since <= LAST_KEY && burst.pressed.length >= SHORTEST) take(event);
      return void (burst = null);
    }
    const composed = event.key === "Process" || event.isComposing;
    if (event.key.length !== 1 && !composed) return;
    clearTimeout(burst?.timer);
    if (since > FASTEST_HAND) burst = { field: event.target, before: stateOf(event.target), typed: "", pressed: "" };
    burst.typed += event.key.length === 1 ? event.key : "";
    burst.pressed += pressed(event);
    burst.last = event.timeStamp;
    burst.timer = setTimeout(silent, SILENCE);
    if (burst.pressed.length > 2 && burst.before === null && !composed) event.preventDefault(); // no quick find by "/"
  }

  page.addEventListener("keydown", key, true);
  return () => page.removeEventListener("keydown", key, true);
}

// The character that an American keyboard has there; letters are upper case, for so are codes.
function pressed({ code, key, shiftKey }) {
  if (code.startsWith("Key")) return code.slice(3);
  if (code in KEYS && (code !== "Digit3" || shiftKey)) return KEYS[code];
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1);
  return key.length === 1 ? key : "";
}

const holdsText = (field) => field.matches?.("input, textarea, select") ?? false;

function stateOf(field) {
  if (!holdsText(field)) return null;
  return { value: field.value, from: field.selectionStart, to: field.selectionEnd };
}

function giveBack(field, before) {
  if (before === null) return;
  field.value = before.value;
  if (before.from !== null && before.from !== undefined) field.setSelectionRange(before.from, before.to);
}
