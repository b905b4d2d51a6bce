// The terminal: xterm.js, for the page that opens one.
// xterm.js makes style elements of its own; the page's nonce lets them in.
import { Terminal as XTerm } from "@xterm/xterm";
export { FitAddon } from "@xterm/addon-fit";

const nonce = document.querySelector("script[nonce]")?.nonce ?? "";

// A document whose style elements carry the nonce; all else is the real one.
const nonced = new Proxy(document, {
  get(target, name) {
    if (name === "createElement") {
      return (tag, options) => {
        const element = target.createElement(tag, options);
        if (String(tag).toLowerCase() === "style") element.setAttribute("nonce", nonce);
        return element;
      };
    }
    const value = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});

export class Terminal extends XTerm {
  constructor(options = {}) {
    super({ documentOverride: nonced, ...options });
  }
}
