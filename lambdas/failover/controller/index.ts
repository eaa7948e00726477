export { FIRST_MEMORY, isTimeToLook, look, type Memory } from './memory';
export { type Act, type Move, plan, type View } from './plan';
export { judge, type Reach, type Report } from './report';
