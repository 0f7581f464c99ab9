/* SPDX-License-Identifier: MIT */
/* Holds the device open, and perhaps a mapping, and does nothing. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

static bool no_map;
static unsigned long vmas = 1, pages = 1;

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "no-map", OPT_FLAG, &no_map, "only the descriptor" },
		{ "vmas", OPT_NUMBER, &vmas, "mappings, of the same device memory (1)" },
		{ "pages", OPT_NUMBER, &pages, "pages of each (1)" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	pid_t self = getpid();
	struct ufile ufile;
	unsigned long i;

	hold_seconds = 10;
	begin(argc, argv,
	      "Holds the device open, with mappings, for --hold seconds (10).",
	      opts);
	ufile_open(&ufile);
	for (i = 0; !no_map && i < vmas; i++)
		mark(map(ufile.fd, UMAPFIX_IO, 0, pages), pages, 0x401d0000);
	maps(&self, 1);
	return end();
}
