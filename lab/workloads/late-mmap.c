/* SPDX-License-Identifier: MIT */
/* An mmap while the device is being removed: the kernel has to refuse it. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t self = getpid(), remover;
	char *early, *late;
	struct ufile ufile;
	uint64_t ns;

	begin(argc, argv,
	      "Maps a page; maps another one while the teardown is delayed in\n"
	      "dealloc_pd, which should fail (EIO); touches what it has.", NULL);
	ufile_open(&ufile);
	pd_open(&ufile);
	early = map(ufile.fd, UMAPFIX_IO, 0, 1);
	mark(early, 1, 0x1a7e0000);
	fixture_need("teardown_delay_ms", "3000");
	ns = now_ns();
	remover = remove_start();
	wait_for_teardown(&ufile);
	late = try_map(ufile.fd, UMAPFIX_IO, PAGE, 1, PROT_READ | PROT_WRITE,
		       MAP_SHARED, NULL);
	if (late == MAP_FAILED && errno != EIO)
		die("mmap: not EIO");
	remove_wait(remover, ns);
	fixture_need("teardown_delay_ms", "0");
	maps(&self, 1);
	touch_read(early);
	if (late != MAP_FAILED)
		touch_read(late);
	nap_ms(hold_seconds * 1000);
	hold_seconds = 0;
	unmap(early, 1);
	if (late != MAP_FAILED)
		unmap(late, 1);
	maps(&self, 1);
	return end();
}
