/* SPDX-License-Identifier: MIT */
/*
 * An mremap in the teardown window: after uverbs_destroy_ufile_hw has taken
 * hw_destroy_rwsem, and before it zaps. The page table entries come to the new
 * VMA after rdma_umap_open gave up on it.
 */
#define _GNU_SOURCE
#include "race.h"

int main(int argc, char **argv)
{
	struct race race;
	pid_t self = getpid();
	char *start;

	hold_seconds = 3;
	begin(argc, argv,
	      "Moves a mapping while the teardown is delayed in dealloc_pd, and\n"
	      "touches device memory after the removal.", NULL);
	race_enter(&race);
	start = move(race.start, RACE_PAGES);
	race_leave(&race);
	maps(&self, 1);
	nap_ms(hold_seconds * 1000);
	race_probe(start, 0);
	maps(&self, 1);
	hold_seconds = 0;
	return end();
}
