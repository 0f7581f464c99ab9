/* SPDX-License-Identifier: MIT */
/*
 * A fork while a reset holds the lock of the ufile and has yet to zap.
 *
 * The reset revokes one process after the other, the one that mapped last
 * first, and waits for its mmap_lock. So the blocker maps last, and then holds
 * its own mmap_lock with a slow mmap of another ufile, while the forker forks.
 *
 * Where the reset takes disassociation_lock (6.12), the fork waits for the
 * reset and the reset for the fork's mmap_lock, for ever: status 76.
 */
#define _GNU_SOURCE
#include "race.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_MS	3000
#define PATIENCE_MS	15000
#define EXIT_STUCK	76

static bool no_fork, only_map;
static struct ufile raced, blocking;

/* The blocker: holds its mmap_lock when it is told to. */
static void blocker(int sock, void *arg)
{
	(void)arg;
	map(raced.fd, UMAPFIX_IO, RACE_PAGES * PAGE, 1);
	meet(sock);
	meet(sock);
	map(blocking.fd, UMAPFIX_SLOW, 0, 1);
	meet(sock);
	meet(sock);
}

/* The child that is forked inside the reset. */
static void child(int sock, void *arg)
{
	meet(sock);
	race_probe(arg, 0);
	meet(sock);
	meet(sock);
}

/* What the forker does with --no-fork: nothing. */
static void idle(int sock)
{
	pid_t self = getpid();

	meet(sock);
	if (write(sock, &self, sizeof(self)) != sizeof(self))
		die("cannot tell the pid");
	meet(sock);
	nap_ms(hold_seconds * 1000);
	meet(sock);
	meet(sock);
}

/* The forker: forks when it is told to, and tells the child's pid. */
static void forker(int sock, void *arg)
{
	char *start = map(raced.fd, UMAPFIX_IO, 0, RACE_PAGES);
	struct peer peer;

	(void)arg;
	mark(start, RACE_PAGES, RACE_MARK);
	meet(sock);	/* mapped */
	meet(sock);
	if (only_map) {
		/* Now it has a descriptor of no other ufile. */
		close(blocking.fd);
		map(raced.fd, UMAPFIX_IO, 0, 1);
	}
	if (no_fork) {
		idle(sock);
		return;
	}
	peer_fork(&peer, child, start);
	meet(sock);	/* forked */
	if (write(sock, &peer.pid, sizeof(peer.pid)) != sizeof(peer.pid))
		die("cannot tell the child's pid");
	meet(sock);	/* the reset is over */
	nap_ms(hold_seconds * 1000);
	meet(peer.sock);
	meet(peer.sock);
	touch_read(start);
	meet(sock);	/* probed */
	meet(sock);
	meet(peer.sock);
	peer_end(&peer);
}

/* Resets, in a process of its own, so that the others can go on. */
static void resetter(int sock, void *arg)
{
	(void)arg;
	reset_device();
	meet(sock);
}

/* Prints who waits for whom when nothing moves any more. */
static int stuck(const pid_t *pids, size_t count)
{
	char path[64], stack[2048];
	struct line line;
	size_t i, length;
	FILE *file;

	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/stack", pids[i]);
		file = fopen(path, "re");
		length = file ? fread(stack, 1, sizeof(stack) - 1, file) : 0;
		stack[length] = '\0';
		if (file)
			fclose(file);
		line_begin(&line, "stuck");
		line_ns(&line, "ns", now_ns());
		line_number(&line, "pid", pids[i]);
		line_text(&line, "stack", stack);
		line_end(&line);
	}
	return EXIT_STUCK;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "no-fork", OPT_FLAG, &no_fork, "no fork: only a reset that has to wait" },
		{ "mmap", OPT_FLAG, &only_map, "an mmap instead of the fork" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	struct peer fork_peer, block_peer, reset_peer;
	pid_t pids[3];
	size_t count;

	hold_seconds = 3;
	begin(argc, argv,
	      "Forks while a reset waits for another process, and lets the child touch\n"
	      "device memory afterwards. 77: no such reset; 76: fork and reset are\n"
	      "stuck in each other, and stay so until the machine is reset.", opts);
	no_fork = no_fork || only_map;
	if (!reset_possible())
		return skip("this kernel has no rdma_user_mmap_disassociate");
	ufile_open(&raced);
	ufile_open(&blocking);
	fixture_need("mmap_delay_ms", "3000");
	peer_fork(&fork_peer, forker, NULL);
	meet(fork_peer.sock);
	peer_fork(&block_peer, blocker, NULL);
	meet(block_peer.sock);
	meet(block_peer.sock);
	nap_ms(BLOCK_MS / 6);
	peer_fork(&reset_peer, resetter, NULL);
	nap_ms(BLOCK_MS / 3);
	meet(fork_peer.sock);
	pids[0] = fork_peer.pid;
	pids[1] = reset_peer.pid;
	if (!meet_within(fork_peer.sock, PATIENCE_MS) ||
	    !meet_within(reset_peer.sock, PATIENCE_MS))
		return stuck(pids, 2);
	peer_end(&reset_peer);
	if (read(fork_peer.sock, &pids[1], sizeof(pids[1])) != sizeof(pids[1]))
		die("read: %s", strerror(errno));
	meet(block_peer.sock);
	count = no_fork ? 2 : 3;
	pids[count - 1] = block_peer.pid;
	maps(pids, count);
	meet(fork_peer.sock);
	meet(fork_peer.sock);
	maps(pids, count);
	meet(fork_peer.sock);
	peer_end(&fork_peer);
	meet(block_peer.sock);
	peer_end(&block_peer);
	ufile_close(&blocking);
	ufile_close(&raced);
	hold_seconds = 0;
	return end();
}
