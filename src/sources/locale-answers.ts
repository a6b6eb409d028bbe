/**
 * Timezone and keymap as steps of the node's own stages: /etc of a Kairos node is made anew at every boot, so that what is set once
 * is gone after the next. Pure. Facts: yip v1.25 `environment` merges keys into a file of `KEY="value"` lines.
 */

export interface LocaleAnswers {
  /** As below /usr/share/zoneinfo: `Europe/Berlin`. */
  readonly timezone?: string | undefined;
  /** A console keymap: `de-latin1`. */
  readonly keymap?: string | undefined;
}

const timezoneName = /^[A-Za-z][\w+-]*(?:\/[A-Za-z][\w+-]*){0,2}$/;
const keymapName = /^[A-Za-z][\w.-]{0,59}$/;

/** What is wrong with a timezone, or null. */
export const checkTimezone = (name: string): string | null => (timezoneName.test(name) && name.length <= 60 ? null : 'a timezone is written like Europe/Berlin or UTC');

/** What is wrong with a keymap, or null. */
export const checkKeymap = (name: string): string | null => (keymapName.test(name) ? null : 'a keymap is written like us or de-latin1');

type Step = Readonly<Record<string, unknown>>;

/** Steps of the stage `initramfs`. Names that are none give no step. */
export const localeSteps = ({ timezone, keymap }: LocaleAnswers): readonly Step[] => {
  const steps: Step[] = [];
  if (timezone !== undefined && checkTimezone(timezone) === null) {
    const zone = `/usr/share/zoneinfo/${timezone}`;
    // An image without the zone keeps its own time instead of a link to nothing.
    steps.push({ name: 'Timezone', if: `[ -e ${zone} ]`, commands: [`ln -sfn ${zone} /etc/localtime`] });
  }
  if (keymap !== undefined && checkKeymap(keymap) === null) {
    // What else stands in these files (the font, for one) stays.
    steps.push(
      { name: 'Keymap', only_service_manager: 'systemd', environment_file: '/etc/vconsole.conf', environment: { KEYMAP: keymap } },
      { name: 'Keymap', only_service_manager: 'openrc', environment_file: '/etc/conf.d/keymaps', environment: { keymap } },
    );
  }
  return steps;
};
