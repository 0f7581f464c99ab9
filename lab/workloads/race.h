/* SPDX-License-Identifier: MIT */
/* What the race workloads share: what is said of a mapping after the disassociation. */
#ifndef RACE_H
#define RACE_H

#include "common.h"

#include <unistd.h>

#define RACE_PAGES	2
#define RACE_MARK	0x900d0000U	/* in the device memory before */
#define RACE_WROTE	0xe5ca9ed0U	/* written by who escaped */
#define RACE_WRITE_AT	(PAGE + 0x10)	/* where, in a mapping from offset 0 on */

/* A removal whose teardown takes seconds before it zaps. */
struct race {
	struct ufile ufile;
	char *start;	/* RACE_PAGES of device memory */
	pid_t remover;
	uint64_t ns;	/* when the removal was asked for */
};

/* Maps device memory, and returns inside the window of its removal. */
static inline void race_enter(struct race *race)
{
	ufile_open(&race->ufile);
	pd_open(&race->ufile);
	race->start = map(race->ufile.fd, UMAPFIX_IO, 0, RACE_PAGES);
	mark(race->start, RACE_PAGES, RACE_MARK);
	fixture_need("teardown_delay_ms", "3000");
	race->ns = now_ns();
	race->remover = remove_start();
	wait_for_teardown(&race->ufile);
}

/* Waits until the device is gone. */
static inline void race_leave(const struct race *race)
{
	remove_wait(race->remover, race->ns);
	fixture_need("teardown_delay_ms", "0");
}

/*
 * Reads page 0 and writes to page 1 of a mapping that should be revoked, and
 * prints whether it still is the device that answers. The write uses device
 * offset RACE_WRITE_AT + 4 * slot: look there from outside.
 */
static inline void race_probe(char *start, unsigned int slot)
{
	unsigned long at = RACE_WRITE_AT + 4 * slot;
	struct touch got = touch_read(start);
	struct touch put = touch_write(start + at, RACE_WROTE + slot);
	struct line line;

	line_begin(&line, "escape");
	line_ns(&line, "ns", now_ns());
	line_number(&line, "pid", getpid());
	line_hex(&line, "start", (unsigned long)start);
	line_bool(&line, "escaped", !got.signal && got.value == RACE_MARK);
	line_bool(&line, "wrote", !put.signal);
	line_hex(&line, "device_at", at);
	line_hex(&line, "value", RACE_WROTE + slot);
	line_end(&line);
}

#endif
