/** Renders a component as the console would, without a server. */
import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { theme } from '../app/theme';

export const renderUi = (element: ReactElement) =>
  render(
    <MantineProvider theme={theme} env="test">
      {element}
    </MantineProvider>,
  );
