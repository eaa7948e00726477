/** Every command, in the order in which they are listed. */
import type { Command } from './command';
import { deadLettersList } from './dead-letters-list';
import { deadLettersRedrive } from './dead-letters-redrive';
import { deadLettersShow } from './dead-letters-show';
import { idCommand } from './id';
import { importCommand } from './import';

export const commands: readonly Command[] = [
  idCommand,
  importCommand,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
];
