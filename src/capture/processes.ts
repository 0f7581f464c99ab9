import { readFileSync } from 'node:fs';

/** The cgroup of a process, as a path below the cgroup root: names its container. Null when it is gone or in none. */
export function cgroupOf(pid: number): string | null {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
    const unified = lines.find((line) => line.startsWith('0::')) ?? lines[0] ?? '';
    const path = unified.split(':').slice(2).join(':');
    return path === '' || path === '/' ? null : path;
  } catch {
    return null;
  }
}
