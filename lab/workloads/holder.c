/* SPDX-License-Identifier: MIT */
/* Holds the device open, and perhaps a mapping, and does nothing. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/prctl.h>
#include <unistd.h>

static bool no_map, hand;
static unsigned long vmas = 1, pages = 1;

/* Takes the descriptor, and does nothing with it. */
static void taker(int sock, void *arg)
{
	int fd = fd_receive(sock);

	(void)arg;
	prctl(PR_SET_NAME, "ta\nker");
	meet(sock);
	meet(sock);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "no-map", OPT_FLAG, &no_map, "only the descriptor" },
		{ "vmas", OPT_NUMBER, &vmas, "mappings, of the same device memory (1)" },
		{ "pages", OPT_NUMBER, &pages, "pages of each (1)" },
		{ "hand", OPT_FLAG, &hand, "another process, `ta\\nker`, is given the descriptor over a socket" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	pid_t self = getpid();
	struct ufile ufile;
	unsigned long i;
	struct peer peer;

	hold_seconds = 10;
	begin(argc, argv,
	      "Holds the device open, with mappings, for --hold seconds (10).",
	      opts);
	if (hand)
		peer_fork(&peer, taker, NULL);
	ufile_open(&ufile);
	for (i = 0; !no_map && i < vmas; i++)
		mark(map(ufile.fd, UMAPFIX_IO, 0, pages), pages, 0x401d0000);
	if (hand) {
		fd_send(peer.sock, ufile.fd);
		meet(peer.sock);
	}
	maps(&self, 1);
	nap_ms(hold_seconds * 1000);
	hold_seconds = 0;
	if (hand) {
		meet(peer.sock);
		peer_end(&peer);
	}
	return end();
}
