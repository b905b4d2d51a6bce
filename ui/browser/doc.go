// Package browser is a headless chromium for the tests of the page: it clicks
// with a mouse, types with a keyboard, waits for what a script says, and
// remembers what the page complained of and whom it asked for anything.
//
// Upstream has no such package; kubernetes/dashboard has its end-to-end tests
// in modules/web/cypress.
//
// How it works. chromedp speaks the DevTools protocol to the chromium that is
// installed; nothing is downloaded. A Browser is one tab; Tab opens another one
// in the same profile. Steps wait for what they need, within Patience, and a
// step that fails ends the test with a picture of the page. Names other than
// localhost are resolved to nothing, so a page that needs the outside fails.
// With KUBERGARTEN_SHOTS=DIR, Shot leaves pictures there.
//
// What we leave out: other browsers than chromium.
package browser
