/* SPDX-License-Identifier: MIT */
/*
 * The device is removed, or reset, while a process that maps it holds its own
 * mmap_lock: a thread of it is in a slow mmap of another device. (One of the
 * same device would hold up the removal earlier, in SRCU.)
 */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *other = "rxe1";
static unsigned long busy_ms = 7000;
static bool reset;
static struct ufile slow;
static pid_t busy_tid;

/* Removes or resets, from a process whose own memory nobody holds up. */
static void remover(int sock, void *arg)
{
	(void)arg;
	meet(sock);
	if (reset)
		reset_device();
	else
		remove_device();
	meet(sock);
}

static void *be_busy(void *arg)
{
	__atomic_store_n(&busy_tid, gettid(), __ATOMIC_RELEASE);
	map(slow.fd, UMAPFIX_SLOW, 0, 1);
	return arg;
}

/* Is that thread in the fixture's slow mmap? */
static bool is_busy(pid_t tid)
{
	char path[64], stack[1024];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stack", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, stack, sizeof(stack) - 1);
	close(fd);
	stack[length < 0 ? 0 : length] = '\0';
	return strstr(stack, "fix_mmap") != NULL;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "other", OPT_TEXT, &other, "the device of the slow mmap (rxe1)" },
		{ "busy-ms", OPT_NUMBER, &busy_ms, "how long it takes (7000)" },
		{ "reset", OPT_FLAG, &reset, "reset the device, do not remove it" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	const char *removed;
	pthread_t thread;
	struct ufile ufile;
	struct peer peer;
	char text[24];
	char *page;

	begin(argc, argv,
	      "Maps a page, holds its own mmap_lock in a slow mmap of another device,\n"
	      "and has the first device removed meanwhile.", opts);
	if (reset && !reset_possible())
		return skip("this kernel has no rdma_user_mmap_disassociate");
	snprintf(text, sizeof(text), "%lu", busy_ms);
	fixture_need("mmap_delay_ms", text);
	peer_fork(&peer, remover, NULL);
	ufile_open(&ufile);
	page = map(ufile.fd, UMAPFIX_IO, 0, 1);
	mark(page, 1, 0xb0500000);
	removed = device_name;
	device_name = other;
	ufile_open(&slow);
	device_name = removed;
	if (pthread_create(&thread, NULL, be_busy, NULL))
		die("cannot make a thread");
	while (!is_busy(__atomic_load_n(&busy_tid, __ATOMIC_ACQUIRE)))
		nap_ms(10);
	meet(peer.sock);
	meet(peer.sock);
	pthread_join(thread, NULL);
	touch_read(page);
	peer_end(&peer);
	return end();
}
