import { REGIONS, type Region, SWITCHES, type SwitchDefinition } from '../../topology';
import { UsageError } from '../usage';

/** @throws UsageError that says which switches there are */
export function switchOf(name: string | undefined): SwitchDefinition {
  const found = SWITCHES.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = SWITCHES.map((one) => one.name).join(', ');
  throw new UsageError(
    name === undefined ? `Name a switch: ${names}.` : `There is no switch ${name}; there are ${names}.`,
  );
}

/**
 * @param option that it was given by; an argument without
 * @throws UsageError
 */
export function regionOf(text: string | undefined, option?: '--region'): Region {
  const found = REGIONS.find((region) => region === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option ?? 'The region'} must be ${REGIONS.join(' or ')}, not ${text}.`);
}
