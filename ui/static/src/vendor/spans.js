// xterm colours cells by style attributes, which the policy forbids. By script,
// as properties, it allows the same.
const set = Element.prototype.setAttribute;
HTMLSpanElement.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else set.call(this, name, value);
};
