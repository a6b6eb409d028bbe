/** A disk that is mounted: freeing it is asked for, confirmed, done, and looked at again. */
import { expect, it } from 'vitest';
import { dataDisk, disk, emptyDisk, facts } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk } from './helper.ts';

const mounted = disk('/dev/sdb', {
  contents: 'ext4 "photos"',
  verdict: 'refused',
  reasons: [{ id: 'mounted', what: '/dev/sdb1 is mounted at /mnt/photos', hint: 'unmount it, or choose another disk' }],
  uses: [{ kind: 'mount', device: '/dev/sdb1', point: '/mnt/photos' }],
});

const atTheDisks = async (): ReturnType<typeof startPerson> => {
  const person = await startPerson({ facts: facts({ disks: [emptyDisk, mounted] }) });
  await toDisk(person);
  return person;
};

it('asks before it unmounts, and looks again afterwards', async () => {
  const person = await atTheDisks();
  expect(person.text()).not.toContain('unmount ');
  await person.type(keys.down);
  await person.sees(/> +\/dev\/sdb/);
  await person.type('u');
  await person.sees('Free this disk?');
  await person.sees('unmount /mnt/photos (/dev/sdb1)');
  expect(person.effects.released).toEqual([]);
  await person.type('n');
  await person.sees('Which disk?');
  expect(person.effects.released).toEqual([]);
  await person.type('u');
  await person.sees('Free this disk?');
  const before = person.effects.looks.length;
  await person.type('y');
  await person.sees('Which disk?');
  await person.sees('1 mount was undone');
  expect(person.effects.released).toEqual(['/dev/sdb']);
  expect(person.effects.looks.length).toBe(before + 1);
  await person.leave();
});

it('is not offered for a disk that nothing can be let go of', async () => {
  const person = await startPerson({ facts: facts({ disks: [dataDisk, disk('/dev/sdd', { verdict: 'refused', reasons: [{ id: 'lvm-member', what: 'it is in an active LVM volume group', hint: '' }] })] }) });
  await toDisk(person);
  await person.type(`${keys.down}${keys.down}`);
  await person.sees(/> +\/dev\/sdd/);
  await person.type('u');
  expect(person.text()).not.toContain('Free this disk?');
  await person.leave();
});

it('asks in plain mode, too', async () => {
  const person = await startPerson({ plain: true, columns: 200, rows: 300, facts: facts({ disks: [emptyDisk, mounted] }) });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('Enter goes on with what is read');
  await person.type('\n');
  await person.sees('u NUMBER frees one that is mounted');
  await person.type('u 1\n');
  await person.sees('there is nothing on it that can be unmounted here');
  await person.type('u 2\n');
  await person.sees('unmount /mnt/photos (/dev/sdb1)');
  await person.sees('Free it? y or n');
  await person.type('no\n');
  await person.sees('Number of the disk');
  expect(person.effects.released).toEqual([]);
  await person.type('u 2\n');
  await person.sees(/Free it\? y or n[^]*Free it\? y or n/);
  await person.type('y\n');
  await person.sees('/dev/sdb: 1 mount was undone');
  expect(person.effects.released).toEqual(['/dev/sdb']);
  await person.type('quit\n');
  await person.result;
});
