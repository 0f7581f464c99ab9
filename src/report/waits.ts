export { ZapWaits } from '../timeline/waits.ts';
