import type { RequestUnit } from '../switches';

/** What a switch `units/<u>` asks for. */
export const requestUnit: RequestUnit = async (unit) => ({
  accepted: false,
  reason: `Nothing moves unit ${unit} yet, nor changes its mode.`,
});
