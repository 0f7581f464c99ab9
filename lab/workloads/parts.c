/* SPDX-License-Identifier: MIT */
/* Mappings of which a part was unmapped; then the device is removed. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

#define MAPPINGS 4
#define PAGES 4

static bool entry, stay;

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "entry", OPT_FLAG, &entry, "map with an entry" },
		{ "stay", OPT_FLAG, &stay, "do not remove the device" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	char *starts[MAPPINGS];
	pid_t self = getpid();
	struct ufile ufile;
	unsigned long i;

	begin(argc, argv,
	      "Maps 4 pages, four times; unmaps the second page of each; removes the\n"
	      "device; touches what is left, and unmaps it.", opts);
	ufile_open(&ufile);
	for (i = 0; i < MAPPINGS; i++) {
		starts[i] = map(ufile.fd, entry ? UMAPFIX_ENTRY : UMAPFIX_IO,
				i * PAGES * PAGE, PAGES);
		mark(starts[i], PAGES, 0x9a270000 + 0x100 * i);
	}
	maps(&self, 1);
	for (i = 0; i < MAPPINGS; i++)
		unmap(starts[i] + PAGE, 1);
	maps(&self, 1);
	if (!stay)
		remove_device();
	for (i = 0; i < MAPPINGS; i++) {
		touch_read(starts[i]);
		touch_write(starts[i] + 2 * PAGE, 0xbadbad02);
	}
	maps(&self, 1);
	nap_ms(hold_seconds * 1000);
	hold_seconds = 0;
	for (i = 0; i < MAPPINGS; i++) {
		unmap(starts[i], 1);
		unmap(starts[i] + 2 * PAGE, 2);
	}
	maps(&self, 1);
	return end();
}
