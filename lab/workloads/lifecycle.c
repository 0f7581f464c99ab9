/* SPDX-License-Identifier: MIT */
/* The life of one mapping: split, protect, move, fork, unmap. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

/* The child: stays until it is told to go. */
static void child(int sock, void *arg)
{
	(void)arg;
	meet(sock);
	meet(sock);
}

/* Prints the maps of this process, and of another if there is one. */
static void show(pid_t other)
{
	pid_t pids[] = { getpid(), other };

	maps(pids, other ? 2 : 1);
}

/* Forks, and lets the child go again. */
static void fork_and_reap(void)
{
	struct peer peer;

	peer_fork(&peer, child, NULL);
	meet(peer.sock);
	show(peer.pid);
	meet(peer.sock);
	peer_end(&peer);
	show(0);
}

int main(int argc, char **argv)
{
	struct ufile ufile;
	char *start, *moved;

	begin(argc, argv,
	      "Maps 4 pages; unmaps the second; protects a part; moves a part;\n"
	      "forks; the child exits; unmaps the rest.", NULL);
	ufile_open(&ufile);
	start = map(ufile.fd, UMAPFIX_IO, 0, 4);
	mark(start, 4, 0xa11fe000);
	show(0);
	unmap(start + PAGE, 1);
	show(0);
	protect(start + 2 * PAGE, 1, PROT_READ);
	show(0);
	moved = move(start + 3 * PAGE, 1);
	show(0);
	fork_and_reap();
	unmap(moved, 1);
	show(0);
	unmap(start, 3);
	show(0);
	ufile_close(&ufile);
	return end();
}
