/** Whole ways through the console, key by key, at the two reference sizes. */
import { describe, expect, it } from 'vitest';
import { dataDisk, disk, emptyDisk, facts, failedRun, sources } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const toReview = async (person: Person): Promise<void> => {
  await person.sees('Supermicro AS-1014S-WTRT');
  await person.type(keys.enter);
  await person.sees('Where does the configuration come from?');
  await person.type(keys.enter);
  await person.sees('Which disk?');
};

describe.each([
  [80, 24],
  [120, 40],
])('at %ix%i', (columns, rows) => {
  const start = (options = {}): Promise<Person> => startPerson({ columns, rows, ...options });

  it('installs to the only empty disk with nothing but Enter', async () => {
    const person = await start();
    await toReview(person);
    expect(person.text()).toMatch(/>.*\/dev\/sda/);
    await person.type(keys.enter);
    await person.sees('Enter begins to write');
    expect(person.text()).toContain('serial QMA0042');
    await person.type(keys.enter);
    await person.sees('What next?');
    expect(person.text()).toContain('nothing found: 1.2 GiB read back, 14 patterns searched for');
    expect(person.text().replaceAll(/\s+/g, ' ')).toContain('Remove the installer medium (/dev/sdc) when the machine goes down');
    expect(person.text()).toContain('Nothing happens before it is chosen.');
    await person.type(keys.enter);
    const result = await person.result;
    expect(result).toMatchObject({ exitCode: 0, finish: 'none' });
    expect(result.lastLines.join('\n')).toContain('receipt /run/slipway/receipt.json');
    expect(person.effects.installed).toHaveLength(1);
  });

  it('asks for the last characters of the serial number where data would be lost', async () => {
    const person = await start();
    await toReview(person);
    await person.type(keys.down);
    await person.sees('all of it would be lost');
    await person.type(keys.enter);
    await person.sees('Data will be lost');
    await person.type(keys.enter);
    await person.sees('not the characters that are asked for');
    await person.type('wxyz\r');
    expect(person.effects.installed).toHaveLength(0);
    // Everything in one read, as a paste over a serial line comes.
    await person.type('\u0015abcd\r');
    await person.sees('What next?');
    expect(person.effects.installed[0]?.plan.target.path).toBe('/dev/sdb');
    await person.leave();
  });

  it('keeps every answer on the way back and forth', async () => {
    const person = await start();
    await toReview(person);
    await person.type(keys.down + keys.enter);
    await person.sees('Data will be lost');
    for (const title of ['Which disk?', 'Where does', 'This machine']) {
      await person.type(keys.escape);
      await person.sees(title);
    }
    await person.type(keys.enter);
    await person.type(keys.enter);
    await person.sees(/\* \/dev\/sdb/);
    await person.leave();
  });

  it('fails with the reason and tries again with the same answers', async () => {
    const person = await start({ runs: [failedRun] });
    await toReview(person);
    await person.type(keys.enter);
    await person.sees('Enter begins to write');
    await person.type(keys.enter);
    await person.sees('The install failed.');
    expect(person.text()).toContain('WAS WRITTEN TO');
    expect(person.text()).toContain('6: failed, disk touched');
    expect(person.text()).toContain('mkfs.ext4: device is full');
    await person.type('r');
    await person.sees('Enter begins to write');
    await person.type(keys.enter);
    await person.sees('What next?');
    await person.leave();
  });

  it('really stops on abort and says how the disk is', async () => {
    const person = await start({ pace: 200 });
    await toReview(person);
    await person.type(keys.enter);
    await person.sees('Enter begins to write');
    await person.type(keys.enter);
    await person.sees('Lay down the system');
    await person.type(keys.ctrlC);
    await person.sees('Abort the install?');
    await person.type('y');
    await person.sees('Stopped.');
    expect(person.text()).toContain('WAS WRITTEN TO');
    const result = await person.leave();
    expect(result.exitCode).toBe(6);
  });

  it('quits only after asking, with nothing written', async () => {
    const person = await start();
    await person.sees('This machine');
    await person.type('q');
    await person.sees('Leave the console?');
    await person.type('n');
    await person.sees('This machine');
    await person.type('qy');
    expect(await person.result).toMatchObject({ exitCode: 130, finish: 'none' });
  });

  it('never draws over the edges without a sign, and shows the state line on every screen', async () => {
    const person = await start();
    const looked: string[] = [];
    const look = (): void => {
      const lines = person.lines();
      looked.push(person.text());
      expect(lines.at(-1)).toMatch(/^SLIPWAY S392719X0A1 [A-Z]+ \S+ \S+ [A-Z]+$/);
      expect(person.faults()).toEqual([]);
    };
    await toReview(person);
    look();
    await person.type('?');
    await person.sees('Keys');
    look();
    await person.type(keys.escape);
    await person.type(keys.enter);
    await person.sees('Enter begins');
    look();
    await person.type(keys.enter);
    await person.sees('What next?');
    look();
    expect(looked).toHaveLength(4);
    await person.leave();
  });
});

it('shows no text as a difference where there is nothing to compare', async () => {
  const person = await startPerson({ sources: sources({ documents: [], keptText: null, dataVolume: null, removed: [] }), layers: { flag: { device: '/dev/sda', user: 'op' } } });
  await person.sees('This machine');
  for (let press = 0; press < 20 && !person.text().includes('Enter begins'); press++) await person.type(press === 1 ? keys.end + keys.enter : keys.enter);
  await person.sees('Enter begins');
  await person.type('d');
  await person.sees('there is no user-data to compare with');
  await person.leave();
});

describe('countdown', () => {
  const unattended = { installerLayer: { unattended: true } };

  it('counts down to the unattended install and ends by itself', async () => {
    let now = 1000;
    const person = await startPerson({ ...unattended, now: () => now });
    await person.sees('It begins in 10 s');
    now += 10_000;
    const result = await person.result;
    expect(result.exitCode).toBe(0);
    expect(person.effects.installed[0]?.plan.target.path).toBe('/dev/sda');
  });

  it('is stopped by any key, for good', async () => {
    let now = 1000;
    const person = await startPerson({ ...unattended, now: () => now });
    await person.sees('It begins in 10 s');
    await person.type('x');
    await person.sees('stopped; nothing goes on by itself now');
    now += 60_000;
    await person.type(keys.enter);
    await person.sees('Where does the configuration come from?');
    expect(person.effects.installed).toHaveLength(0);
    await person.leave();
  });
});

describe('an install that the countdown began', () => {
  const begun = async (options: PersonOptions): Promise<Person> => {
    let now = 1000;
    const person = await startPerson({ installerLayer: { unattended: true }, pace: 60, ...options, now: () => now });
    await person.sees('in 10 s');
    now += 10_000;
    return person;
  };

  it('leaves by itself when it fails, and says what to do', async () => {
    const person = await begun({ runs: [failedRun] });
    const { exitCode, lastLines } = await person.result;
    expect(exitCode).toBe(6);
    expect(lastLines.join('\n')).toContain('what to do: mend what is named above and start slipway again; the disk is unfinished, it can be installed to again');
  });

  it('waits for whoever pressed a key meanwhile', async () => {
    const person = await begun({ runs: [failedRun] });
    await person.sees('Lay down the system');
    await person.type('o');
    await person.sees('the end of the install waits on the screen');
    await person.sees(/FAILED$/m);
    await person.type(keys.escape);
    await person.sees('The install failed.');
    expect(await person.leave()).toMatchObject({ exitCode: 6 });
  });

  it('also in plain questions', async () => {
    const person = await begun({ runs: [failedRun], plain: true, columns: 200, rows: 100 });
    await person.sees('Installing to /dev/sda');
    await person.type('hello\n');
    await person.sees('the end of the install waits on the screen');
    await person.sees('retry, change, log');
    await person.type('quit\n');
    expect(await person.result).toMatchObject({ exitCode: 6 });
  });
});

describe('what the countdown is for', () => {
  const unattended = { installerLayer: { unattended: true, device: '/dev/sdb' }, facts: facts({ disks: [emptyDisk, dataDisk] }) };
  const what = /It writes to \/dev\/sdb, ST2000DM008-2FR102, serial WFL1ABCD; loses: ext4 "photos", ntfs "backup"\./;

  it.each([[80, 24], [120, 40]])('is on the screen: the disk that is written and what is lost, at %ix%i', async (columns, rows) => {
    const person = await startPerson({ ...unattended, columns, rows, now: () => 1000 });
    await person.sees('It begins in 10 s');
    expect(person.text().replaceAll(/\s+/g, ' ')).toMatch(what);
    await person.type('x');
    await person.sees('stopped; nothing goes on by itself now');
    await person.leave();
  });

  it('is said in plain mode, and again when it is another disk by then', async () => {
    let now = 1000;
    const person = await startPerson({ installerLayer: { unattended: true }, facts: facts({ disks: [emptyDisk] }), plain: true, columns: 200, rows: 100, now: () => now });
    await person.sees('An unattended install begins in 10 s. It writes to /dev/sda, QEMU HARDDISK, serial QMA0042; loses: nothing. Press Enter to stop it.');
    now = 4000;
    person.effects.change(facts({ disks: [disk('/dev/sde')] }));
    await person.sees('It writes to /dev/sde');
    await person.type('\n');
    await person.sees('stopped; nothing goes on by itself now');
    await person.type('quit\n');
    await person.result;
  });
});

describe('a difficult terminal', () => {
  it('survives any size', async () => {
    const person = await startPerson();
    await person.sees('This machine');
    for (const [columns, rows] of [[1, 1], [0, 0], [40, 10], [20, 5], [200, 60], [80, 1], [1, 50], [80, 24]] as const) {
      await person.resize(columns, rows);
      await person.type(keys.down);
    }
    await person.sees('This machine');
    await person.leave();
  });

  it('stays with ASCII where nothing else is known to work', async () => {
    const person = await startPerson({ environment: { TERM: 'vt100', LANG: '' } });
    await person.sees('This machine');
    expect(person.text()).toMatch(/^[\n -~]*$/);
    await person.leave();
  });

  it('shows hostile names as text', async () => {
    const hostile = disk('/dev/sda', { model: '\u001B[2J\u001B]0;owned\u0007evil\r\n', serial: 'a\u202Eb' });
    const person = await startPerson({ facts: facts({ disks: [hostile] }) });
    await toReview(person);
    expect(person.text()).toContain('evil');
    expect(person.text()).not.toContain('owned');
    await person.leave();
  });
});
