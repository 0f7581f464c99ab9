import { readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeviceFacts } from '../../doctor/facts.ts';
import { isThere, namesIn, textOf } from './read.ts';

const FOLDER = '/sys/class/infiniband';

/** rxe alone has a file `parent` (drivers/infiniband/sw/rxe/rxe_verbs.c); siw describes itself so unless rdma-ndd renamed it. */
function softwareDriver(device: string): string | null {
  if (isThere(join(FOLDER, device, 'parent'))) return 'rdma_rxe';
  return textOf(join(FOLDER, device, 'node_desc'))?.startsWith('Software iWARP') ? 'siw' : null;
}

/** A software device on a network card has the card's `device`, so this is asked last. */
function hardwareDriver(device: string): string | null {
  try {
    return basename(readlinkSync(join(FOLDER, device, 'device/driver')));
  } catch {
    return null;
  }
}

/** All RDMA devices. */
export const rdmaDevices = (): DeviceFacts[] =>
  (namesIn(FOLDER) ?? []).map((name) => ({ name, driver: softwareDriver(name) ?? hardwareDriver(name) }));
