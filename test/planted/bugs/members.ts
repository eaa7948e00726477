import type { PlantedBug } from '../bug';
import { MEMBER_CLAIM_BUGS } from './member-claims';
import { MEMBER_EPOCH_BUGS } from './member-epochs';
import { MEMBER_REQUEST_BUGS } from './member-requests';
import { MEMBER_SPELLING_BUGS } from './member-spellings';

export const MEMBER_BUGS: readonly PlantedBug[] = [
  ...MEMBER_CLAIM_BUGS,
  ...MEMBER_SPELLING_BUGS,
  ...MEMBER_REQUEST_BUGS,
  ...MEMBER_EPOCH_BUGS,
];
