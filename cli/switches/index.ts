/** Switches as operators see them: what stands, what a value would do, and what has become of one. */
export { type Followed, follow, type Given } from './follow';
export { described, isAboutCalls, isIdle, misaimed, type PreviewedChange, previewTraffic } from './preview';
export { openSwitchSystem, type SwitchSystem } from './system';
export { type Turned, type Turning, turn } from './turn';
