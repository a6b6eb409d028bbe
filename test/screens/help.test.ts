/** Help of what lies over a screen: opened over it, and closed back to it. */
import { expect, it } from 'vitest';
import { keys, startPerson } from './helper.ts';

it('explains the editor, and goes back to what was typed', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type('e');
  await person.type(`${keys.down}draft`);
  await person.sees('drafthostname');
  await person.type(keys.ctrlG);
  await person.sees('The configuration as text.');
  await person.sees(/Ctrl-R +begin again with what was read/);
  await person.type(keys.escape);
  await person.sees('drafthostname');
  await person.type(keys.escape);
  // Help of the screen itself is another one, and leads back to the screen.
  await person.type('?');
  await person.sees('A data volume is a small disk');
  await person.type(keys.escape);
  await person.sees('Where does');
  await person.type('v');
  await person.type('?');
  await person.sees('Secrets are blanked out; of what');
  await person.type(keys.escape);
  await person.sees('lines 1 to');
  expect(person.text()).toContain('? help');
  await person.leave();
});
