// Finds QR codes in pixels, beside the page so that typing never waits: zxing-cpp as WebAssembly, served by this hub.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

prepareZXingModule({ overrides: { locateFile: () => new URL(FILES.reader, self.location.href).href } });

self.onmessage = async ({ data: { id, pixels, thorough } }) => {
  const asked = { formats: ["QRCode"], tryHarder: thorough, tryInvert: thorough, maxNumberOfSymbols: thorough ? 20 : 2 };
  try {
    const found = await readBarcodes(pixels, asked);
    self.postMessage({ id, texts: found.filter((each) => each.isValid).map((each) => each.text) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
