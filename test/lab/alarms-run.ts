/** npm run alarms [-- --kernel K]: what must not be a violation, through umaptrace check; exits 0 only when none is. */
import { Command, Option } from '@commander-js/extra-typings';
import * as v from 'valibot';
import { type Lab, openLab } from '../../lab/boot.ts';
import { DEFAULT_KERNEL, KERNELS } from '../../lab/kernels.ts';
import { showProgress } from '../../lab/progress.ts';
import type { Verdict } from '../../src/check/finding.ts';
import { checkSchema } from '../../src/report/schema.ts';
import { buildBundle } from '../../tools/build.ts';
import { check, record } from './traced.ts';

const { kernel } = new Command()
  .name('npm run alarms --')
  .description('Records what keeps every promise, and has the rules judge it.')
  .addOption(
    new Option('--kernel <version>').choices(KERNELS.map(({ version }) => version)).default(DEFAULT_KERNEL),
  )
  .parse()
  .opts();

interface Case {
  readonly command: readonly string[];
  readonly expected: Verdict;
}

const NEEDS_RXE1 = 'busy';
const SECOND_DEVICE = `
[ -e /sys/class/infiniband/rxe1 ] || {
  ip link add dummy1 type dummy && ip link set dummy1 up && ip addr add 10.0.1.1/24 dev dummy1 &&
  rdma link add rxe1 type rxe netdev dummy1
}`;
const NO_SECOND_DEVICE =
  'if [ -e /sys/class/infiniband/rxe1 ]; then rdma link delete rxe1; ip link delete dummy1; fi';

const vacuous = (...command: string[]): Case => ({ command, expected: 'vacuous' });
const pass = (...command: string[]): Case => ({ command, expected: 'pass' });

/** With the fixture. */
const WORKLOADS: readonly Case[] = [
  vacuous('lifecycle'),
  vacuous('handed-fd'),
  vacuous('kinds', '--outside'),
  vacuous('storm', '--cycles', '2000', '--threads', '4'),
  vacuous('holder', '--hand', '--hold', '1'),
  vacuous('hostile-comm'),
  pass('reset'),
  pass('race-fork-reset', '--no-fork'),
  pass('unplug'),
  pass('busy', '--busy-ms', '2000'),
];

/** A server and a client of it. */
const pair = (program: string): Case =>
  vacuous(
    'sh',
    '-c',
    `${program} >/dev/null & sleep 3; ${program} 10.0.0.1 >/dev/null; status=$?; wait; exit $status`,
  );

/** On rxe as it is: nothing is tracked. */
const PLAIN: readonly Case[] = [
  pair('ibv_rc_pingpong -d rxe0 -g 0 -n 100'),
  ...['ib_write_bw', 'ib_read_bw', 'ib_send_bw', 'ib_write_lat', 'ib_send_lat'].map((program) =>
    pair(`${program} -d rxe0 -x 0 -n 100 -s 1024 -F`),
  ),
];

async function shell(lab: Lab, text: string): Promise<void> {
  const { status, stderr } = await lab.run(['sh', '-ec', text]);
  if (status !== 0) throw new Error(`${text}: status ${status}: ${stderr}`);
}

/** One line about a case. @returns whether it is as expected */
async function judge(lab: Lab, { command, expected }: Case, name: string): Promise<boolean> {
  const { result, recording } = await record(lab, name, command);
  const { verdict, findings, missing } = v.parse(
    checkSchema,
    JSON.parse((await check(recording, '--json')).stdout),
  );
  const alarms = findings.filter(({ severity }) => severity === 'violation');
  const good = result.status === 0 && verdict === expected && alarms.length === 0;
  const why = [
    ...(result.status === 0 ? [] : [`status ${result.status}: ${result.stderr.trim()}`]),
    ...alarms.map(({ rule, message }) => `${rule}: ${message}`),
    ...(verdict === 'inconclusive' ? missing.map(({ what }) => what) : []),
  ];
  process.stdout.write(
    `${good ? 'good' : 'BAD '}  ${verdict.padEnd(12)}  ${command.join(' ').slice(0, 60)}\n`,
  );
  if (!good) process.stdout.write(why.map((line) => `      ${line}\n`).join(''));
  return good;
}

await buildBundle();
const lab = await openLab({ kernel, progress: showProgress() });
let bad = 0;
try {
  for (const [i, each] of WORKLOADS.entries()) {
    await shell(lab, each.command[0] === NEEDS_RXE1 ? SECOND_DEVICE : 'true');
    if (!(await judge(lab, each, `alarms-${i}`))) bad++;
    await shell(lab, `${NO_SECOND_DEVICE}; rxe-device restart`);
  }
  await shell(lab, 'rxe-device restart --no-fixture');
  for (const [i, each] of PLAIN.entries()) {
    if (!(await judge(lab, each, `alarms-plain-${i}`))) bad++;
  }
} finally {
  await lab.close();
}
process.stdout.write(`${WORKLOADS.length + PLAIN.length} recordings, ${bad} not as expected\n`);
process.exitCode = bad === 0 ? 0 : 1;
