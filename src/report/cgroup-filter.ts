/** Which cgroups `--cgroup` asks for. */
import type { Cgroup } from '../timeline/model.ts';
import { counted } from './values.ts';

/** Where systemd mounts the hierarchy: paths are often copied with it. */
const MOUNT = /^\/sys\/fs\/cgroup(?=\/|$)/;

/** The forms that {@link parseCgroup} takes, for people. */
export const CGROUP_FORMS = '/a/b, /a/*, */name or the number of a cgroup';

/** What is asked for, in its plain form; null when it cannot be read. */
export function parseCgroup(text: string): string | null {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  if (!/^[/*]/.test(text)) return null;
  return text.replace(MOUNT, '').replace(/\/+$/, '') || '/';
}

/** Whether a text is these parts with anything between them. */
function fits(text: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** A path, and those of all that it lies in. */
function upwards(path: string): string[] {
  const paths = ['/'];
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) paths.push(path.slice(0, at));
  return paths;
}

/** Whether a cgroup is asked for, or lies in one that is; null when that is not known. */
export type CgroupTest = (cgroup: Cgroup | null) => boolean | null;

/** @param asked in the form that {@link parseCgroup} gives */
export function cgroupTest(asked: string): CgroupTest {
  if (!/^[/*]/.test(asked)) return (cgroup) => (cgroup === null ? null : String(cgroup.id) === asked);
  const parts = asked.split('*');
  return (cgroup) => {
    const path = cgroup?.path ?? null;
    return path === null ? null : upwards(path).some((each) => fits(each, parts));
  };
}

/** Says how many address spaces are left out because their cgroup is not known; empty when none is. */
export const unknownCgroups = (count: number): string =>
  count === 0
    ? ''
    : `umaptrace: left out: ${counted(count, 'address space')} of processes whose cgroup is not known\n`;
