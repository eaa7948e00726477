import { announceOf } from '../../../lambdas/handlers/announce';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const OPEN = { unit: 'a1', epoch: 3, writer: 'B', mode: 'database', renewals: 0, grantedMs: 0 } as const;

test('a snapshot that cannot be laid out is handled from the beginning, and the switch of the unit follows', async () => {
  const recorded: string[] = [];
  let end: () => void = () => undefined;
  const reached = async (unit: string) => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    recorded.push(unit);
  };
  const published = Promise.reject(new Error('no cache answers'));
  published.catch(() => undefined);
  const handled = jest.spyOn(published, 'then');
  const announced = announceOf({ publish: () => published, keeper: { reached }, log: LOG })(OPEN);
  // The stores of switches are slow; a rejection that nobody handles by now ends the process.
  expect(handled).toHaveBeenCalled();
  end();
  await expect(announced).rejects.toThrow('no cache answers');
  // What goes on behind its back would be frozen with the environment.
  expect(recorded).toEqual(['a1']);
});
