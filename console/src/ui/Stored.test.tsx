import { describe, expect, it } from 'vitest';
import { renderUi } from '../testing/render';
import { Stored } from './Stored';

describe('Stored', () => {
  it('sets a placeholder apart, and only where the API says that it is one', () => {
    const { container, rerender } = renderUi(<Stored value="[anonymized]" anonymized />);
    expect(container.querySelector('span')?.textContent).toBe('[anonymized]');
    rerender(<Stored value="[anonymized]" anonymized={false} />);
    expect(container.querySelector('span')).toBeNull();
  });

  it('shows nothing for nothing', () => {
    expect(renderUi(<Stored value={null} anonymized />).container.querySelector('span')).toBeNull();
  });
});
