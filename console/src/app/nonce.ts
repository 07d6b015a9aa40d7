/** The nonce of this page's content security policy, for the few style elements that Mantine adds. Import it before anything that adds one. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? '';

// Where the library that keeps the page from scrolling behind a dialog looks for it.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
