/* SPDX-License-Identifier: MIT */
/*
 * An mremap in the teardown window: after uverbs_destroy_ufile_hw has taken
 * hw_destroy_rwsem, and before it zaps. The page table entries come to the new
 * VMA after rdma_umap_open gave up on it.
 */
#define _GNU_SOURCE
#include "race.h"

#define PAGES 2

int main(int argc, char **argv)
{
	struct ufile ufile;
	pid_t self = getpid(), remover;
	uint64_t ns;
	char *start;

	hold_seconds = 3;
	begin(argc, argv,
	      "Moves a mapping while the teardown is delayed in dealloc_pd, and\n"
	      "touches device memory after the removal.", NULL);
	ufile_open(&ufile);
	pd_open(&ufile);
	start = map(ufile.fd, UMAPFIX_IO, 0, PAGES);
	mark(start, PAGES, RACE_MARK);
	fixture_need("teardown_delay_ms", "3000");
	ns = now_ns();
	remover = remove_start();
	wait_for_teardown(&ufile);
	start = move(start, PAGES);
	remove_wait(remover, ns);
	fixture_need("teardown_delay_ms", "0");
	maps(&self, 1);
	nap_ms(hold_seconds * 1000);
	race_probe(start, 0);
	maps(&self, 1);
	hold_seconds = 0;
	return end();
}
