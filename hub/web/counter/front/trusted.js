// Addresses of scripts that the page may start (Trusted Types): files of this hub, and nothing else.
const rules = {
  createScriptURL(address) {
    if (new URL(address, location.href).origin !== location.origin) throw new TypeError("a script of another host");
    return address;
  },
};
const policy = globalThis.trustedTypes?.createPolicy("counter", rules) ?? rules;

export const own = (address) => policy.createScriptURL(String(address));
