/** Walks through the console as a person does, by what stands on the screen: over a serial line or at the machine's own. */

export interface Screen {
  /** What stands there now. */
  read(): Promise<string>;
  type(text: string): Promise<void>;
}

export interface Walk {
  readonly screen: Screen;
  readonly hostname: string;
  readonly user: string;
  readonly password: string;
  /** Part of the line of the disk that is meant; it must be the first one. */
  readonly disk: string;
  /** Called once on each screen, before it is answered. */
  onScreen?(name: string, picture: string): Promise<void>;
  /** Called once while the disk is being written. */
  whileWriting?(): Promise<void>;
}

interface State {
  readonly name: string;
  readonly verdict: string;
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The line at the bottom that says where the console is. */
const stateOf = (picture: string): State | null => {
  const found = [...picture.matchAll(/^\s*SLIPWAY \S+ ([A-Z-]+) \S+ \S+ ([A-Z]+)\s*$/gm)].at(-1);
  return found === undefined ? null : { name: found[1] ?? '', verdict: found[2] ?? '' };
};

/** Waits for a picture that `test` likes; `pause` is ms between two looks. @throws Error with the last picture */
export const until = async (screen: Screen, what: string, test: (picture: string) => boolean, timeout: number, pause = 400): Promise<string> => {
  let picture = '';
  for (const end = Date.now() + timeout; Date.now() < end; await wait(pause)) {
    picture = await screen.read();
    if (test(picture)) return picture;
  }
  throw new Error(`no ${what} within ${timeout / 1000} s; the screen shows:\n${picture}`);
};

/** Types a text and sees it appear; of a password only that it does not. */
const fill = async (screen: Screen, text: string, secret: boolean): Promise<void> => {
  await screen.type(text);
  if (text !== '' && !secret) await until(screen, text, (picture) => picture.includes(text), 60_000);
  await wait(1200);
  const picture = await screen.read();
  if (secret && picture.includes(text)) throw new Error('a password is on the screen');
};

/**
 * From the first screen to the last, which it leaves as it is.
 *
 * @returns names of the screens met, and the picture of the last one
 * @throws Error with the picture where it does not go on
 */
export const walkThroughConsole = async (walk: Walk): Promise<{ readonly met: readonly string[]; readonly last: string }> => {
  const { screen } = walk;
  const met: string[] = [];
  let wrote = false;
  for (;;) {
    const before = met.at(-1);
    const picture = await until(
      screen,
      `screen after ${before ?? 'the start'}`,
      (text) => {
        const state = stateOf(text);
        return state !== null && (state.name !== before || state.verdict === 'DONE' || state.verdict === 'FAILED') && state.verdict !== 'LOOKING';
      },
      before === 'INSTALLING' ? 1_500_000 : 300_000,
      // A look at a machine's own screen takes its only processor for a second; the install shall have it.
      before === 'INSTALLING' ? 15_000 : 400,
    );
    const { name = '', verdict = '' } = stateOf(picture) ?? {};
    if (name !== before) {
      met.push(name);
      await walk.onScreen?.(name, picture);
    }
    if (name === 'DONE' || name === 'PROBLEM') return { met, last: picture };
    if (name === 'INSTALLING') {
      if (!wrote && walk.whileWriting !== undefined) {
        wrote = true;
        await walk.whileWriting();
      }
      continue;
    }
    if (name === 'IDENTITY') {
      for (const [text, secret] of [[walk.hostname, false], [walk.user, false], [walk.password, true], [walk.password, true]] as const) {
        await fill(screen, text, secret);
        await screen.type('\r');
        await wait(1200);
      }
    }
    if (name === 'DISK' && !picture.includes(walk.disk)) throw new Error(`no ${walk.disk} among the disks:\n${picture}`);
    // A key that comes before the plan could be looked at begins nothing.
    if (name === 'REVIEW') await wait(1500);
    // The fields that are left, and every other screen: Enter leads on. A look that is still on its way swallows one.
    for (let tries = 0, now = stateOf(await screen.read()); now?.name === name; tries += 1) {
      if (tries === 12) throw new Error(`${name} (${verdict}) does not lead on:\n${await screen.read()}`);
      if (now.verdict !== 'LOOKING') await screen.type('\r');
      // The next screen may take a few seconds here; a second Enter would be for it.
      for (let looks = 0; looks < (name === 'IDENTITY' ? 1 : 3) && now?.name === name; looks += 1) {
        await wait(2000);
        now = stateOf(await screen.read());
      }
    }
  }
};

/** Moves to a row of a list by the arrow keys, and takes it. @throws Error when it is not there */
export const takeRow = async (screen: Screen, row: string): Promise<void> => {
  const isThere = async (): Promise<boolean> => new RegExp(`^\\s*> ${row}`, 'm').test(await screen.read());
  for (const arrow of ['\u001B[A', '\u001B[B']) {
    for (let tries = 0; tries < 6 && !(await isThere()); tries += 1) {
      await screen.type(arrow);
      await wait(1500);
    }
  }
  if (!(await isThere())) throw new Error(`no row ${row}:\n${await screen.read()}`);
  await screen.type('\r');
};
