import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderUi } from '../testing/render';
import { Desk, DeskContext, useDesk, useDropped } from './desk';

function Field() {
  const [text, setText] = useDesk('field', '');
  const [dropped, seen] = useDropped('field');
  return (
    <>
      <input aria-label="field" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {dropped && <button onClick={seen}>dropped</button>}
    </>
  );
}

const show = (desk: Desk) =>
  renderUi(
    <DeskContext value={desk}>
      <Field />
    </DeskContext>,
  );

const field = () => screen.getByRole<HTMLInputElement>('textbox');

describe('the desk', () => {
  it('keeps what was put there for the next time', () => {
    const desk = new Desk();
    desk.set('field', '+420');
    const { unmount } = show(desk);
    expect(field().value).toBe('+420');
    unmount();
    show(desk);
    expect(field().value).toBe('+420');
  });

  it('drops it from the page as well, and says so until somebody has taken notice', () => {
    const desk = new Desk();
    desk.set('field', '+420');
    show(desk);
    expect(screen.queryByText('dropped')).toBeNull();
    act(() => desk.drop());
    expect(field().value).toBe('');
    act(() => screen.getByText('dropped').click());
    expect(screen.queryByText('dropped')).toBeNull();
  });

  it('says nothing where there was nothing', () => {
    const desk = new Desk();
    desk.set('field', '+420');
    desk.set('field', undefined);
    desk.drop();
    show(desk);
    expect(screen.queryByText('dropped')).toBeNull();
  });
});
