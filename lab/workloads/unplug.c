/* SPDX-License-Identifier: MIT */
/* The device is removed under a parent and its child; both touch their mappings afterwards. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

#define PAGES 4

struct mappings {
	char *four, *one;
};

/* Reads what is left of the mappings. */
static void read_all(const struct mappings *mappings)
{
	touch_read(mappings->four);
	touch_read(mappings->four + 2 * PAGE);
	touch_read(mappings->one);
}

/* Writes to one of them; nothing may arrive at the device. */
static void write_one(const struct mappings *mappings)
{
	touch_write(mappings->four + PAGE, 0xbadbad01);
}

/* The child: touches after the removal, then exits with its mappings. */
static void child(int sock, void *arg)
{
	meet(sock);
	meet(sock);
	read_all(arg);
	meet(sock);
	meet(sock);
	write_one(arg);
	meet(sock);
	meet(sock);
}

int main(int argc, char **argv)
{
	struct mappings mappings;
	struct queues queues;
	struct ufile ufile;
	struct peer peer;
	pid_t pids[2];

	begin(argc, argv,
	      "Maps 4 pages and 1 page, makes a CQ and a QP, forks, removes the\n"
	      "device. Parent and child touch their mappings afterwards.", NULL);
	ufile_open(&ufile);
	queues_open(&ufile, &queues);
	mappings.four = map(ufile.fd, UMAPFIX_IO, 0, PAGES);
	mappings.one = map(ufile.fd, UMAPFIX_ENTRY, PAGES * PAGE, 1);
	mark(mappings.four, PAGES, 0x900d0000);
	mark(mappings.one, 1, 0x900d1000);
	peer_fork(&peer, child, &mappings);
	pids[0] = getpid();
	pids[1] = peer.pid;
	meet(peer.sock);
	maps(pids, 2);
	remove_device();
	maps(pids, 2);
	read_all(&mappings);
	meet(peer.sock);
	meet(peer.sock);
	write_one(&mappings);
	meet(peer.sock);
	meet(peer.sock);
	maps(pids, 2);
	nap_ms(hold_seconds * 1000);
	hold_seconds = 0;
	meet(peer.sock);
	peer_end(&peer);
	maps(pids, 1);
	unmap(mappings.four, PAGES);
	unmap(mappings.one, 1);
	maps(pids, 1);
	return end();
}
