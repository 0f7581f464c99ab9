/* SPDX-License-Identifier: MIT */
/* The driver resets its device: mappings are revoked, the ucontext lives on. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

#define MARK 0x4e5e7000

/* A child that was there before the reset: touches afterwards. */
static void before(int sock, void *arg)
{
	meet(sock);
	meet(sock);
	touch_read(arg);
	meet(sock);
	meet(sock);
}

/* A child that is forked after the reset. */
static void after(int sock, void *arg)
{
	touch_read(arg);
	touch_read((char *)arg + PAGE);
	meet(sock);
	meet(sock);
}

int main(int argc, char **argv)
{
	struct ufile ufile;
	struct peer first, second;
	char *old, *fresh;
	pid_t pids[2];

	begin(argc, argv,
	      "Maps, forks, resets the device through the fixture, touches, maps\n"
	      "again. Exits with 77 where the kernel has no such reset.", NULL);
	if (!reset_possible())
		return skip("this kernel has no rdma_user_mmap_disassociate");
	ufile_open(&ufile);
	old = map(ufile.fd, UMAPFIX_IO, 0, 4);
	mark(old, 4, MARK);
	peer_fork(&first, before, old);
	pids[0] = getpid();
	pids[1] = first.pid;
	meet(first.sock);
	maps(pids, 2);
	reset_device();
	maps(pids, 2);
	touch_read(old);
	meet(first.sock);
	meet(first.sock);
	maps(pids, 2);
	fresh = map(ufile.fd, UMAPFIX_IO, 0, 2);
	if (touch_read(fresh).value != MARK)
		die("a new mapping does not reach the device");
	maps(pids, 2);
	nap_ms(hold_seconds * 1000);
	hold_seconds = 0;
	meet(first.sock);
	peer_end(&first);
	peer_fork(&second, after, old);
	pids[1] = second.pid;
	meet(second.sock);
	maps(pids, 2);
	meet(second.sock);
	peer_end(&second);
	unmap(fresh, 2);
	unmap(old, 4);
	maps(pids, 1);
	ufile_close(&ufile);
	return end();
}
