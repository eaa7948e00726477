/** What a returned writer had kept and its successor has not, as the running system shows it. */
export { type OpenKept, openKept, serverNames } from './system';
