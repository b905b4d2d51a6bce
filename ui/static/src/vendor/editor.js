// The editor: CodeMirror with YAML, lint and the merge view, for the page that
// opens one. `nonce` lets its style elements past the content security policy.
import { EditorView } from "@codemirror/view";
import { nonce as pageNonce } from "./nonce.js";

export { basicSetup } from "codemirror";
export { EditorView, keymap } from "@codemirror/view";
export { EditorState, Compartment } from "@codemirror/state";
export { indentWithTab } from "@codemirror/commands";
export { yaml } from "@codemirror/lang-yaml";
export { linter, lintGutter, setDiagnostics, forceLinting } from "@codemirror/lint";
export { MergeView, unifiedMergeView } from "@codemirror/merge";

export const nonce = EditorView.cspNonce.of(pageNonce);
