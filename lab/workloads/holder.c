/* SPDX-License-Identifier: MIT */
/* Holds the device open, and perhaps a mapping, and does nothing. */
#define _GNU_SOURCE
#include "common.h"

#include <unistd.h>

static bool no_map;

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "no-map", OPT_FLAG, &no_map, "only the descriptor" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	pid_t self = getpid();
	struct ufile ufile;

	hold_seconds = 10;
	begin(argc, argv,
	      "Holds the device open with a page mapped, for --hold seconds (10).",
	      opts);
	ufile_open(&ufile);
	if (!no_map)
		mark(map(ufile.fd, UMAPFIX_IO, 0, 1), 1, 0x401d0000);
	maps(&self, 1);
	return end();
}
