/** Help texts, made from the command table; at most 80 columns. */
import { exitCodeMeaning } from '../model/exit-code.ts';
import { commands, consoleFlags, globalFlags } from './commands.ts';
import type { Flag } from './commands.ts';

const width = 80;

const wrap = (text: string, indent: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(' '.repeat(indent) + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, ' '.repeat(indent) + line];
};

const flagLines = (flags: readonly Flag[]): string[] =>
  flags.flatMap((flag) => {
    const head = `  --${flag.name}${flag.values === '' ? '' : ` ${flag.values}`}`;
    return [head, ...wrap(flag.help, 6)];
  });

/** Help of the program or of one command. */
export const helpText = (name: string): string => {
  const command = commands.find((row) => row.name === name);
  if (command !== undefined) {
    return [`slipway ${command.usage}`, '', ...wrap(command.summary, 0), '', ...flagLines(command.flags), '', 'everywhere:', ...flagLines(globalFlags), ''].join('\n');
  }
  const summaries = commands.flatMap((row) => [`  slipway ${row.usage}`, ...wrap(row.summary, 6)]);
  const codes = Object.entries(exitCodeMeaning).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`);
  return ['slipway: the install and provisioning console for Kairos', '', '  slipway [--source URI]', '      the console', ...summaries, '', 'flags:', ...flagLines([...consoleFlags, ...globalFlags]), '', 'exit codes:', ...codes, ''].join('\n');
};
