/**
 * Whether a dialog is open. Escape is its own then, also in the moment before the focus has moved into it.
 */
export const isDialogOpen = () => document.querySelector('[aria-modal="true"]') !== null;
