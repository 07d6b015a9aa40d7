import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { renderUi } from '../testing/render';
import { ConfirmDialog } from './ConfirmDialog';

function show(busy = false) {
  const onConfirm = vi.fn();
  renderUi(
    <ConfirmDialog
      opened
      title="Sure?"
      confirmLabel="Anonymize"
      typed="anonymize"
      danger
      busy={busy}
      onConfirm={onConfirm}
      onClose={vi.fn()}
    >
      It cannot be undone.
    </ConfirmDialog>,
  );
  return onConfirm;
}

const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Anonymize' });

describe('ConfirmDialog', () => {
  it('does it only when the word was typed', () => {
    const onConfirm = show();
    expect(button().disabled).toBe(true);
    fireEvent.change(screen.getByLabelText('Type “anonymize” to continue'), { target: { value: ' Anonymize' } });
    fireEvent.click(button());
    expect(onConfirm).toHaveBeenCalledOnce();
  });
});
