/* SPDX-License-Identifier: MIT */
/*
 * A fork in the teardown window: after uverbs_destroy_ufile_hw has taken
 * hw_destroy_rwsem, and before it zaps. In kernels where fork links the new
 * VMA before it copies the page table, the child keeps the device.
 */
#define _GNU_SOURCE
#include "race.h"

static bool grandchild, protect_none;

/* The grandchild: what its parent has, it has. */
static void run_grandchild(int sock, void *arg)
{
	meet(sock);
	race_probe(arg, 1);
	meet(sock);
	meet(sock);
}

/* The child: born in the window; acts when the removal is over. */
static void child(int sock, void *arg)
{
	struct peer peer;

	if (protect_none)
		protect(arg, RACE_PAGES, PROT_NONE);
	meet(sock);	/* born */
	meet(sock);	/* the device is gone */
	nap_ms(hold_seconds * 1000);
	if (protect_none)
		protect(arg, RACE_PAGES, PROT_READ | PROT_WRITE);
	race_probe(arg, 0);
	if (grandchild) {
		peer_fork(&peer, run_grandchild, arg);
		meet(peer.sock);
		meet(peer.sock);
		nap_ms(hold_seconds * 1000);
		meet(peer.sock);
		peer_end(&peer);
	}
	meet(sock);	/* probed */
	meet(sock);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "grandchild", OPT_FLAG, &grandchild, "the child forks again, after the removal" },
		{ "protect-none", OPT_FLAG, &protect_none, "the child hides its mapping behind PROT_NONE meanwhile" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	struct race race;
	struct peer peer;
	pid_t pids[2];

	hold_seconds = 3;
	begin(argc, argv,
	      "Forks while the teardown is delayed in dealloc_pd, and lets the child\n"
	      "touch device memory after the removal.", opts);
	race_enter(&race);
	peer_fork(&peer, child, race.start);
	meet(peer.sock);
	race_leave(&race);
	pids[0] = getpid();
	pids[1] = peer.pid;
	maps(pids, 2);
	meet(peer.sock);
	meet(peer.sock);
	touch_read(race.start);
	maps(pids, 2);
	meet(peer.sock);
	peer_end(&peer);
	hold_seconds = 0;
	return end();
}
