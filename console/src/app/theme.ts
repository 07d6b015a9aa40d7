/** How the console looks. Where Mantine's own colours have too little contrast, darker or lighter shades of them stand here; axe holds them in the tests. */
import { createTheme, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: 8,
  autoContrast: true,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // A link has the size of the text that it stands in.
    Anchor: { defaultProps: { inherit: true } },
    // The head of a dialog is no banner of the page.
    ModalHeader: { defaultProps: { role: 'none' } },
  },
});

/** Tints of the light theme that text of the same colour can still be read on. */
const tints = Object.fromEntries(
  ['blue', 'red', 'yellow', 'green', 'gray', 'orange'].map((name) => [
    `--mantine-color-${name}-light-hover`,
    `var(--mantine-color-${name}-1)`,
  ]),
);

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...tints,
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-green-light-color': '#1b5e2a',
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--mantine-color-orange-light-color': '#8a3200',
  },
  dark: { '--mantine-color-dimmed': 'var(--mantine-color-dark-1)', '--mantine-color-error': 'var(--mantine-color-red-4)' },
});
