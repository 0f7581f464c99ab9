/* SPDX-License-Identifier: MIT */
/* A process maps a ufile that another one opened, and outlives it. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int handover[2];	/* from the opener to the other one */

/* Opens the device, maps a page, hands the descriptor over, exits. */
static void opener(int sock, void *arg)
{
	struct ufile ufile;

	(void)arg;
	ufile_open(&ufile);
	map(ufile.fd, UMAPFIX_IO, 0, 1);
	fd_send(handover[0], ufile.fd);
	meet(sock);	/* it is with the other one */
	meet(sock);	/* now exit */
}

/* Closes the descriptor that was handed over. */
static void close_fd(int fd)
{
	uint64_t ns = now_ns();
	struct line line;

	close(fd);
	did_begin(&line, "close", ns);
	line_number(&line, "fd", fd);
	did_end(&line, true, 0);
}

/* Takes the descriptor, maps three pages, closes it, unmaps when all is over. */
static void other(int sock, void *arg)
{
	int fd = fd_receive(handover[1]);
	char *start = map(fd, UMAPFIX_IO, 4 * PAGE, 3);

	(void)arg;
	mark(start, 3, 0xfd000000);
	meet(sock);	/* mapped */
	meet(sock);	/* the opener is gone */
	close_fd(fd);
	meet(sock);	/* the mapping is the last reference */
	meet(sock);
	if (touch_read(start).value != 0xfd000000)
		die("the mapping does not reach the device any more");
	unmap(start, 3);
	meet(sock);
	meet(sock);
}

int main(int argc, char **argv)
{
	struct peer first, second;
	pid_t pids[2];

	begin(argc, argv,
	      "Another process, given the descriptor over a socket, maps. The opener\n"
	      "exits first; then the descriptor is closed, and the mapping is all\n"
	      "that is left of the ufile.", NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, handover))
		die("socketpair: %s", strerror(errno));
	peer_fork(&first, opener, NULL);
	peer_fork(&second, other, NULL);
	pids[0] = second.pid;
	pids[1] = first.pid;
	meet(first.sock);
	meet(second.sock);
	maps(pids, 2);
	meet(first.sock);
	peer_end(&first);
	maps(pids, 1);
	meet(second.sock);
	meet(second.sock);
	maps(pids, 1);
	meet(second.sock);
	meet(second.sock);
	maps(pids, 1);
	meet(second.sock);
	peer_end(&second);
	return end();
}
