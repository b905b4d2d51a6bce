// retype is a line and what was typed after it, as text for a prompt: nothing
// runs by itself in a shell that knows nothing of what came before.
export function retype(line, typed) {
  for (const c of typed.replace(/\x1b(\[[\d;?]*[ -/]*[@-~]|O.|.)/g, "")) {
    if (c === "\x7f" || c === "\b") line = line.slice(0, -1);
    else if (c === "\x17") line = line.replace(/\S+\s*$/, "");
    else if (c === "\x03" || c === "\x15") line = "";
    else if (c === "\r" || c === "\n") line += "; ";
    else if (c >= " ") line += c;
  }
  return line.replace(/(; )+$/, "").trimStart();
}
