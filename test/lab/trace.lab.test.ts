import { createReadStream } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { DEFAULT_KERNEL } from '../../lab/kernels.ts';
import { showProgress } from '../../lab/progress.ts';
import { siwModule } from '../../lab/siw.ts';
import { EXIT } from '../../src/exit.ts';
import { timelineSchema } from '../../src/report/schema.ts';
import { launchChromium, openReport } from '../chromium.ts';
import { expectNoControls, expectNoMarkup } from './inert.ts';
import { plainTrace } from './plain.ts';
import { check, record, report } from './traced.ts';

const psSchema = v.object({
  holders: v.array(
    v.object({
      device: v.nullable(v.string()),
      pid: v.number(),
      fds: v.array(v.number()),
      vmas: v.array(
        v.object({ start: v.string(), end: v.string(), pte: v.nullable(v.object({ device: v.number() })) }),
      ),
    }),
  ),
});

const timelineOf = async (recording: string) =>
  v.parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')));

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ progress: showProgress() });
});
afterAll(() => lab?.close());
// What a failed test leaves behind is not the fault of its second try, nor of the next.
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  await lab.close();
  lab = await openLab({ progress: showProgress() });
});

/** Runs a shell script in the guest; what it says is in the failure's message. */
async function script(text: string, ...args: string[]) {
  await writeFile(join(lab.share, 'script.sh'), text);
  return lab.run(['bash', '/share/script.sh', ...args], { timeoutSeconds: 240 });
}

/** Starts a trace in the background and waits until it is ready; $TRACE is its pid. */
const START = `
rm -f /tmp/ready
umaptrace trace -o "/share/$1.rec" --force --ready-file /tmp/ready >"/share/$1.out" 2>"/share/$1.err" &
TRACE=$!
while [ ! -e /tmp/ready ]; do kill -0 $TRACE || { cat "/share/$1.err"; exit 99; }; sleep 0.2; done
`;

/** A module may go when whatever held it is freed, which the kernel does a little later than it says. */
const UNTIL_IT_CAN_GO = `
until_it_can_go() {
  for i in $(seq 60); do "$@" 2>/tmp/why && return; sleep 0.5; done
  cat /tmp/why >&2; return 1
}
`;

describe('what is told', () => {
  it('storm: 20,000 mmaps, 20,000 closes, nothing lost', async () => {
    const { recording, result } = await record(lab, 'storm', [
      'storm',
      '--cycles',
      '20000',
      '--threads',
      '1',
    ]);
    expect(result.status, result.stderr).toBe(0);
    const lines = (await readFile(recording, 'latin1')).split('\n');
    expect(lines.filter((line) => line.startsWith('M '))).toHaveLength(20_000);
    expect(lines.filter((line) => line.startsWith('C '))).toHaveLength(20_000);
    expect(await report(recording)).toMatch(/20,000 tracked[\s\S]*, 0 lost/);
    expect((await check(recording)).stdout).toContain('Verdict  vacuous');
  });

  it('storm: what finds no room in the buffers is counted, event by event', async () => {
    const cycles = 260_000;
    const storm = `pkill -STOP -x bpftrace; storm --cycles ${cycles}; pkill -CONT -x bpftrace`;
    const { recording, result } = await record(lab, 'overflow', ['sh', '-c', storm]);
    expect(result.status, result.stderr).toBe(0);
    let [told, all] = [0, 0];
    for await (const line of createInterface({ input: createReadStream(recording) })) {
      if (/^[A-Z]{1,2} [0-9a-f]+ (?!0 )/.test(line)) told += 1;
      all += Number(/^@n\[\d+\]: (\d+)$/.exec(line)?.[1] ?? 0);
    }
    expect(all).toBeGreaterThanOrEqual(2 * cycles);
    expect(all).toBeLessThan(2 * cycles + 2000); // the proof that bpftrace is not behind is events, too
    const lost = all - told;
    expect(lost).toBeGreaterThan(10_000);
    expect(await report(recording, '--until', '0')).toContain(`, ${lost.toLocaleString('en')} lost`);
    const { status, stdout } = await check(recording);
    expect(stdout).toContain(`${lost} events lost: `);
    expect(status).toBe(EXIT.inconclusive);
  });

  it("hostile-comm: a process's name makes no event and no broken line", async () => {
    const comm = 'x\\nM 1 2 3';
    const { recording, result } = await record(lab, 'hostile', ['hostile-comm', '--comm', comm]);
    expect(result.status, result.stderr).toBe(0);
    const bytes = await readFile(recording, 'latin1');
    expect(bytes).not.toMatch(/^M 1 2 3(?: |$)/m); // a true event may well begin with M 1 2 3ea67860f1
    const timeline = await timelineOf(recording);
    expect(timeline.recording.unreadable.count).toBe(0);
    expect(timeline.ufiles[0]?.vmas[0]?.comm).toBe('x\nM 1 2 3');
    expect(await report(recording)).not.toMatch(/^M 1 2 3/m);
  });

  it('zaps of VMAs that are not RDMA’s are not told', async () => {
    await lab.run(['insmod', '/lab/build/foreign.ko']);
    const { recording, result } = await record(lab, 'foreign', ['foreign-zap', '23']);
    expect(result.stdout).toContain('"zaps":23');
    expect((await lab.run(['cat', '/sys/module/foreign/parameters/zaps'])).stdout.trim()).toBe('23');
    expect((await readFile(recording, 'latin1')).split('\n').filter((line) => line.startsWith('Z '))).toEqual(
      [],
    );
  });

  it('plain rxe: both ends of ibv_rc_pingpong, nothing called tracked', async () => {
    expect((await lab.run(['rxe-device', 'restart', '--no-fixture'])).status).toBe(0);
    const pingpong =
      'ibv_rc_pingpong -d rxe0 -g 0 >/dev/null & sleep 3; ibv_rc_pingpong -d rxe0 -g 0 10.0.0.1; wait';
    const { recording, result } = await record(lab, 'pingpong', ['sh', '-c', pingpong]);
    expect(result.status, result.stderr).toBe(0);
    const { ufiles } = await timelineOf(recording);
    expect(ufiles).toHaveLength(2);
    for (const { vmas, opened } of ufiles) {
      expect(opened?.comm).toBe('ibv_rc_pingpong');
      expect(vmas.length).toBeGreaterThanOrEqual(3);
      expect(
        vmas.every(({ kind, state, ended }) => kind === 'driver' && state === 'closed' && ended !== null),
      ).toBe(true);
    }
    expect(await report(recording)).toContain('no tracked VMA');
    expect((await check(recording)).stdout).toContain('Verdict  vacuous');
    expect((await lab.run(['rxe-device', 'restart'])).status).toBe(0);
  });
});

describe('what it costs those who have nothing to do with uverbs', () => {
  /** By the kernel's own count of runs of each program (bpf_stats_enabled), and its count of forks. */
  const COUNT = `
forks() { awk '/^processes/ { print $2 }' /proc/stat; }
runs() {
  cat /proc/$(pgrep -P $TRACE -x bpftrace)/fdinfo/* 2>/dev/null |
    awk '/^prog_id:/ { id = $2 } /^run_cnt:/ { runs[id] = $2 } END { for (id in runs) print id, runs[id] }'
}
echo 1 >/proc/sys/kernel/bpf_stats_enabled
a=$(forks); runs >/tmp/before; b=$(forks)
for i in $(seq 50); do cat /proc/self/maps >/dev/null; done
c=$(forks); runs >/tmp/after; d=$(forks)
echo 0 >/proc/sys/kernel/bpf_stats_enabled
kill -INT $TRACE; wait $TRACE
echo forks $((c - b)) $((d - a))
echo programs $(wc -l </tmp/after)
awk 'NR == FNR { before[$1] = $2; next } $2 != before[$1] { print "ran", $2 - before[$1] }' /tmp/before /tmp/after
`;

  it('one program, once for each fork; none for page faults, munmaps and their zaps', async () => {
    const { stdout, stderr } = await script(START + COUNT, 'cost');
    const [, least = 0, most = 0] = (/^forks (\d+) (\d+)$/m.exec(stdout) ?? []).map(Number);
    expect(least, stderr).toBeGreaterThanOrEqual(50);
    expect(Number(/^programs (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(20);
    const ran = Array.from(stdout.matchAll(/^ran (\d+)$/gm), ([, runs]) => Number(runs));
    expect(ran).toHaveLength(1);
    expect(ran[0]).toBeGreaterThanOrEqual(least);
    expect(ran[0]).toBeLessThanOrEqual(most);
  });
});

describe('hostile names', () => {
  const markup = '<img src=x onerror=alert(1)>';
  const ansi = '\x1b[31m\x1b]0;own\x07';
  const both = '<b id=x>\x1b[31m\x07';
  /** As escaped text shows them; a comm has 15 bytes. */
  const shown = ['<img src=x oner', '\\x1b[31m\\x1b]0;own\\x07', '<b id=x>\\x1b[31m\\x07'];
  const cgroup = `${markup}\x1b[31m`;
  let recording: string;

  /** Two of them hold the device open with a page mapped, one in a cgroup, and the third removes it. */
  beforeAll(async () => {
    const traced = `
      mkdir -p /tmp/h; cp /lab/build/bin/holder "/tmp/h/$2"; cp /lab/build/bin/holder "/tmp/h/$3"; cp /lab/build/bin/unplug "/tmp/h/$4"
      mkdir "/sys/fs/cgroup/$5"
      ${START}
      bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "/sys/fs/cgroup/$5" "/tmp/h/$2" --hold 200 >/tmp/held1 & H1=$!
      "/tmp/h/$3" --hold 200 >/tmp/held2 & H2=$!
      for held in /tmp/held1 /tmp/held2; do until grep -q '"truth":"maps"' $held; do sleep 0.1; done; done
      umaptrace ps >/share/hostile.ps && umaptrace ps --json >/share/hostile.json || exit 98
      "/tmp/h/$4" >/dev/null || exit 97
      kill $H1 $H2; kill -HUP $TRACE; wait $TRACE || exit 96
      rmdir "/sys/fs/cgroup/$5"
      rxe-device restart`;
    const result = await script(traced, 'hostile', markup, ansi, both, cgroup);
    expect(result.status, result.stderr).toBe(0);
    recording = join(lab.share, 'hostile.rec');
  });

  const share = (name: string): Promise<string> => readFile(join(lab.share, name), 'utf8');

  it('are harmless on a terminal: live, ps, report, check', async () => {
    const texts = [
      await share('hostile.out'),
      await report(recording),
      await report(recording, '--at', '+600s'),
      await report(recording, '--cgroup', `/${markup}*`),
    ];
    for (const text of texts) expectNoControls(text);
    for (const name of shown) expect(texts[0]).toContain(name);
    for (const name of shown) expect(texts[1]).toContain(name);
    for (const name of shown.slice(0, 2)) expect(await share('hostile.ps')).toContain(name);
    expectNoControls(await share('hostile.ps'));
    for (const text of [texts[3], await share('hostile.ps')])
      expect(text?.replace(/\s+/g, ' ')).toContain(`/${markup}\\x1b[31m`);
    const checked = await check(recording);
    expectNoControls(checked.stdout);
    expect(checked.stdout).toContain(shown[2]);
  });

  it('are harmless as JSON, and whole', async () => {
    const texts = [
      await share('hostile.json'),
      await report(recording, '--format', 'json'),
      (await check(recording, '--format', 'json')).stdout,
      (await check(recording, '--format', 'sarif')).stdout,
      ...(await report(recording, '--format', 'jsonl')).trimEnd().split('\n'),
    ];
    for (const text of texts) expectNoControls(text);
    for (const text of texts) expect(() => JSON.parse(text)).not.toThrow();
    const comms = (await timelineOf(recording)).ufiles.flatMap(({ vmas }) => vmas.map(({ comm }) => comm));
    expect(new Set(comms)).toEqual(new Set([markup.slice(0, 15), ansi, both]));
    expect(texts[1]).toContain(JSON.stringify(`/${cgroup}`).slice(1, -1));
  });

  it('are no markup in markdown and JUnit', async () => {
    const markdown = await report(recording, '--format', 'md');
    expectNoControls(markdown);
    expectNoMarkup(markdown);
    expect(markdown).toContain('<img src=x oner');
    expect(markdown).toContain(`\`/${markup}\\x1b[31m\``);
    const junit = (await check(recording, '--format', 'junit')).stdout;
    expectNoControls(junit);
    expect(junit).toContain('<b id=x>');
    expect(junit.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')).not.toMatch(/<(img|b)\b/);
  });

  it('are text in Perfetto', async () => {
    const file = join(lab.share, 'hostile.pftrace');
    await report(recording, '--force', '-o', file);
    const trace = await readFile(file, 'latin1');
    for (const name of [...shown, `cgroup /${markup}\\x1b[31m`]) expect(trace).toContain(name);
    expect(trace).not.toContain(ansi);
  });

  it('are text in the page', async () => {
    const file = join(lab.share, 'hostile.html');
    await report(recording, '--force', '-o', file);
    expectNoControls((await readFile(file, 'utf8')).replaceAll('\t', ''));
    const browser = await launchChromium();
    try {
      const { page, wrongs } = await openReport(browser, file);
      const places = await page.evaluate(
        '[...window.umaptrace.model.number.keys()].map((vma) => window.umaptrace.place(vma)).filter((place) => place !== null)',
      );
      const place = v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() });
      for (const { x, y, width, height } of v.parse(v.array(place), places)) {
        await page.mouse.click(x + Math.min(8, width / 2), y + height / 2);
      }
      expect(await page.locator('img, #x').count()).toBe(0);
      expect(await page.evaluate('document.title')).toMatch(/^umaptrace/);
      const text = await page.evaluate('document.body.innerText');
      expect(text).toContain(shown[2]);
      expect(wrongs).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe('cgroups', () => {
  /** Prints the ids of the cgroups, and which pid is in which. */
  const SCRIPT = `
    root=/sys/fs/cgroup
    mkdir -p $root/box/inner $root/boxes $root/short
    in_cgroup() { exec bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$root/$1" "\${@:2}"; }
    in_cgroup box holder --hold 300 >/tmp/c1 & P1=$!
    until grep -q '"truth":"maps"' /tmp/c1; do sleep 0.1; done
    ${START.replace('trace -o', 'trace --cgroup /box -o')}
    in_cgroup box/inner holder --hold 300 >/tmp/c2 & P2=$!
    in_cgroup boxes holder --hold 300 >/tmp/c3 & P3=$!
    for held in /tmp/c2 /tmp/c3; do until grep -q '"truth":"maps"' $held; do sleep 0.1; done; done
    (in_cgroup short lifecycle >/tmp/c4) && rmdir $root/short || exit 98
    kill $P1 $P2 $P3; wait $P1 $P2 $P3
    kill -HUP $TRACE; wait $TRACE || exit 97
    for path in box box/inner boxes; do stat -c "%i /$path" $root/$path; done
    echo "$P1 /box"; echo "$P2 /box/inner"; echo "$P3 /boxes"`;

  it('of processes from before the trace, of later ones, of those that are gone', async () => {
    const result = await script(SCRIPT, 'cgroups');
    expect(result.status, result.stderr).toBe(0);
    const rows = result.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const ids = new Map(rows.slice(0, 3).map(([id, path]) => [path, Number(id)]));
    const recording = join(lab.share, 'cgroups.rec');
    const vmas = async (...args: string[]) => {
      const json = await report(recording, '--json', ...args);
      return v.parse(timelineSchema, JSON.parse(json)).ufiles.flatMap((ufile) => ufile.vmas);
    };
    const all = await vmas();
    for (const [pid, path = ''] of rows.slice(3)) {
      const told = all.filter((vma) => String(vma.pid) === pid).map(({ cgroup }) => cgroup);
      expect(told.length, path).toBeGreaterThan(0);
      for (const cgroup of told) expect(cgroup).toEqual({ id: ids.get(path), path });
    }
    const lifecycle = all.filter(({ comm }) => comm === 'lifecycle').map(({ cgroup }) => cgroup);
    expect(new Set(lifecycle.map((cgroup) => cgroup?.id)).size).toBe(1);
    for (const cgroup of lifecycle) expect(['/short', null]).toContain(cgroup?.path);
    const inBox = (await vmas('--cgroup', '/box')).map(({ id }) => id);
    expect(inBox).toEqual(
      all.filter(({ cgroup }) => /^\/box(\/|$)/.test(cgroup?.path ?? '')).map(({ id }) => id),
    );
    expect(new Set((await vmas('--cgroup', '*/inner')).map(({ cgroup }) => cgroup?.path))).toEqual(
      new Set(['/box/inner']),
    );
    const live = await readFile(join(lab.share, 'cgroups.out'), 'utf8');
    for (const { id } of all)
      expect(new RegExp(`\\b${id} +(mmap|mapped)`).test(live), id).toBe(inBox.includes(id));
    expect((await timelineOf(recording)).recording.filters).toEqual({ cgroup: '/box' });
  });
});

describe('plain bpftrace', () => {
  it('with the program of probes --program tells the same VMAs', async () => {
    const traced = `${plainTrace(`${START} lifecycle >/dev/null || exit 96`)}; kill -HUP $TRACE; wait $TRACE`;
    const result = await script(traced, 'own');
    expect(result.status, result.stderr).toBe(0);
    const vmasOf = async (name: string) => {
      const { ufiles } = await timelineOf(join(lab.share, `${name}.rec`));
      return ufiles.flatMap(({ vmas }) =>
        vmas.map(({ audit: _audit, origin: { cause, parent }, ended, history, cgroup, ...vma }) => ({
          ...{ ...vma, cause, parent, ended: ended?.pid, history: history.map(({ what }) => what) },
          cgroup: cgroup?.id, // umaptrace looks for the paths
        })),
      );
    };
    const vmas = await vmasOf('plain');
    expect(vmas).toEqual(await vmasOf('own'));
    expect(vmas.length).toBeGreaterThan(5);
    expect(await report(join(lab.share, 'plain.rec'))).toMatch(/, 0 lost[\s\S]*not complete/);
  });
});

describe('what was there before', () => {
  it('ps lists who maps what: exactly what the maps say', async () => {
    const result = await script(`
      holder --hold 200 >/dev/null & ibv_rc_pingpong -d rxe0 -g 0 >/dev/null & sleep 3
      umaptrace ps --pte --json >/share/ps.json || exit 99
      grep -H uverbs /proc/[0-9]*/maps | sed -E 's#^/proc/([0-9]+)/maps:([0-9a-f]+)-([0-9a-f]+) .*#\\1 0x\\2 0x\\3#'
      umaptrace ps >&2; pkill ibv_rc_pingpong; pkill holder; wait`);
    const { holders } = v.parse(psSchema, JSON.parse(await readFile(join(lab.share, 'ps.json'), 'utf8')));
    const listed = holders.flatMap(({ pid, vmas }) => vmas.map(({ start, end }) => `${pid} ${start} ${end}`));
    expect(result.stdout.trim().split('\n').sort(), result.stderr).toEqual(listed.sort());
    expect(listed.length).toBeGreaterThan(3);
    expect(holders.every(({ device, fds }) => device === 'rxe0' && fds.length > 0)).toBe(true);
    expect(result.stderr).toMatch(/rxe0 \(uverbs0\).*holder/);
    const tables = holders.flatMap(({ vmas }) => vmas.flatMap(({ pte }) => pte ?? []));
    expect(tables.map(({ device }) => device)).toEqual([1]);
  });
});

describe('other drivers, other users', () => {
  it('siw: driver-managed, from mmap to close', async () => {
    await copyFile(await siwModule(DEFAULT_KERNEL, showProgress()), join(lab.share, 'siw.ko'));
    const up = await script(`
      modprobe -a iw_cm libcrc32c; insmod /share/siw.ko && ip link add dummy1 type dummy && ip link set dummy1 up && ip addr add 10.0.1.1/24 dev dummy1 &&
      rdma link add siw0 type siw netdev dummy1`);
    expect(up.status, up.stderr).toBe(0);
    const { recording, result } = await record(lab, 'siw', [
      'timeout',
      '5',
      'ibv_rc_pingpong',
      '-d',
      'siw0',
      '-g',
      '0',
    ]);
    const [ufile] = (await timelineOf(recording)).ufiles;
    expect(ufile?.device, result.stderr).toBe('siw0');
    expect(ufile?.vmas.length).toBeGreaterThan(0);
    expect(ufile?.vmas.every(({ kind, state }) => kind === 'driver' && state === 'closed')).toBe(true);
    const down = await script(`${UNTIL_IT_CAN_GO}
      rdma link delete siw0 && ip link delete dummy1 && until_it_can_go rmmod siw`);
    expect(down.status, down.stderr).toBe(0);
  });

  it('under sudo, the command and the recording are the calling user’s', async () => {
    const sudo = 'SUDO_USER=lab SUDO_UID=1000 SUDO_GID=1000';
    const result = await script(
      `${sudo} umaptrace record --force -o /share/user.rec -- id -un; stat -c '%u %a' /share/user.rec`,
    );
    expect(result.stdout.trim().split('\n'), result.stderr).toEqual(['lab', '1000 600']);
  });
});

describe('how it ends', () => {
  const leftovers = async () => (await lab.run(['pgrep', '-x', 'bpftrace'])).stdout.trim();

  it('SIGKILL of umaptrace: no bpftrace is left, the recording so far is readable', async () => {
    // Detaching takes a dying bpftrace a while (synchronize_rcu for each probe).
    const gone =
      'for i in $(seq 100); do pgrep -x bpftrace >/dev/null || { echo gone; break; }; sleep 0.2; done';
    const result = await script(`${START}\nlifecycle >/dev/null; sleep 2; kill -9 $TRACE; ${gone}`, 'killed');
    expect(result.stdout.trim(), result.stderr).toBe('gone');
    const text = await report(join(lab.share, 'killed.rec'));
    expect(text).toMatch(/V1 +mmap/);
    expect(text).toContain('not complete');
  });

  it('SIGKILL of bpftrace: umaptrace says so, keeps the recording, exits 4', async () => {
    const result = await script(
      `${START}\nlifecycle >/dev/null; sleep 2; pkill -9 -x bpftrace; wait $TRACE; echo status $?`,
      'orphan',
    );
    expect(result.stdout).toContain('status 4');
    expect(await readFile(join(lab.share, 'orphan.err'), 'utf8')).toContain('bpftrace was ended by SIGKILL');
    expect(await report(join(lab.share, 'orphan.rec'))).toMatch(/V1 +mmap/);
  });

  it('SIGHUP: a complete recording, status 0', async () => {
    const result = await script(
      `${START}\nlifecycle >/dev/null; kill -HUP $TRACE; wait $TRACE; echo status $?`,
      'hangup',
    );
    expect(result.stdout).toContain('status 0');
    expect((await timelineOf(join(lab.share, 'hangup.rec'))).recording.complete).toBe(true);
    expect(await leftovers()).toBe('');
  });

  it('a closed stdout: a complete recording', async () => {
    // That nobody reads is noticed at the next write, so there must be one after head has gone.
    const traced = `
      rm -f /tmp/ready /tmp/ended
      (umaptrace trace -o /share/closed.rec --force --ready-file /tmp/ready 2>/share/closed.err; echo status $? >&2; touch /tmp/ended) | head -n 2 &
      while [ ! -e /tmp/ready ]; do sleep 0.2; done
      for i in $(seq 60); do lifecycle >/dev/null; [ -e /tmp/ended ] && break; sleep 1; done`;
    const result = await script(traced);
    expect(result.stderr, await readFile(join(lab.share, 'closed.err'), 'utf8')).toContain('status 0');
    expect((await timelineOf(join(lab.share, 'closed.rec'))).recording.complete).toBe(true);
  });

  it("COMMAND's status is ours, and 127 when it cannot be started", async () => {
    expect(
      (await lab.run(['umaptrace', 'record', '--force', '-o', '/share/s.rec', '--', 'sh', '-c', 'exit 7']))
        .status,
    ).toBe(7);
    expect(
      (await lab.run(['umaptrace', 'record', '--force', '-o', '/share/s.rec', '--', '/nothing'])).status,
    ).toBe(127);
  });
});

describe('what it says when it cannot', () => {
  it('not root: the line to run, with absolute paths', async () => {
    const result = await lab.run([
      'setpriv',
      '--reuid',
      'lab',
      '--regid',
      'lab',
      '--clear-groups',
      'umaptrace',
      'trace',
    ]);
    expect(result.status).toBe(4);
    expect(result.stderr).toMatch(/sudo \/\S*node \/\S*umaptrace\.cjs trace/);
  });

  it('no bpftrace', async () => {
    const result = await script(
      'mv /usr/bin/bpftrace /tmp/; umaptrace trace; s=$?; mv /tmp/bpftrace /usr/bin/; exit $s',
    );
    expect(result.status).toBe(4);
    expect(result.stderr).toContain('bpftrace is not installed');
  });

  it('a bpftrace that fails: no recording is left, and none is replaced', async () => {
    const fails = '#!/bin/sh\\n[ "$1" = --version ] && echo bpftrace v0.23.2 || exit 1\\n';
    const result = await script(`
      mkdir -p /tmp/fails /tmp/kept; printf '${fails}' >/tmp/fails/bpftrace; chmod +x /tmp/fails/bpftrace; cd /tmp/kept
      echo old >umaptrace.rec; echo older >umaptrace.rec.old
      for words in '' '-o umaptrace.rec --force'; do PATH=/tmp/fails:$PATH umaptrace record $words; echo status $?; done
      ls; cat umaptrace.rec umaptrace.rec.old`);
    expect(result.stdout.trim().split('\n'), result.stderr).toEqual([
      ...['status 4', 'status 4', 'umaptrace.rec', 'umaptrace.rec.old', 'old', 'older'],
    ]);
  });

  it('a user or a folder that is not there: wrong usage, before anything is attached', async () => {
    for (const words of [
      ['--user', 'nobody-at-all'],
      ['--ready-file', '/nothing/ready'],
    ]) {
      const result = await lab.run(['umaptrace', 'trace', ...words, '--', 'true']);
      expect(result.status, result.stderr).toBe(2);
      expect(result.stderr).toContain(words[1]);
      expect(result.stderr).not.toContain('attaching');
    }
  });

  it('ib_uverbs not loaded; --wait begins when it comes', async () => {
    expect((await lab.run(['rxe-device', 'down'])).status).toBe(0);
    const unloaded = await script(`${UNTIL_IT_CAN_GO}
      until_it_can_go modprobe -r rdma_rxe ib_uverbs`);
    expect(unloaded.status, unloaded.stderr).toBe(0);
    const refused = await lab.run(['umaptrace', 'trace']);
    expect(refused).toMatchObject({ status: 4 });
    expect(refused.stderr).toContain('modprobe ib_uverbs');
    const waiting = lab.start([
      'umaptrace',
      'trace',
      '--wait',
      '--ready-file',
      '/share/waited',
      '--duration',
      '1s',
    ]);
    await lab.run(['sleep', '3']);
    expect((await lab.run(['rxe-device', 'up'])).status).toBe(0);
    expect((await waiting.result).status).toBe(0);
  });
});
