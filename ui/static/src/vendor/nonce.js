// Libraries that make style elements of their own know nothing of the page's
// content security policy: from here on each is made with the page's nonce.
export const nonce = document.querySelector("script[nonce]")?.nonce ?? "";

if (!document.kgNonced) {
  const create = document.createElement;
  document.createElement = function (tag, options) {
    const element = create.call(this, tag, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  document.kgNonced = true;
}
