// What looks like a code of a hub: a printed one (its address or its token alone) or a displayed one. Whose it is, and what it is worth, is
// for the verification to say.
const ADDRESSED = /\/[VP]\/#[A-Z2-7\s]+$/i;
const ALONE = /^\s*(?:[A-Z2-7]{26}|[A-Z2-7]{100,})\s*$/i;
const DISPLAYED = /(?:\/P\/#|^\s*)[A-Z2-7]{26}\s*$/i;

export const isCode = (text) => ADDRESSED.test(text) || ALONE.test(text);
export const isDisplayed = (text) => DISPLAYED.test(text);

// Of several texts in one picture those that are codes, or all where none is.
export function codesAmong(texts) {
  const codes = texts.filter(isCode);
  return [...new Set(codes.length ? codes : texts)];
}
