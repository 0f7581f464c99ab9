/* SPDX-License-Identifier: MIT */
/* A process whose name is meant to be mistaken for something else. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define COMM_LENGTH 16	/* TASK_COMM_LEN, with the final NUL */

static const char *comm = "x\\nM 1 2 3";

/* Reads up to `most` digits of a number; moves past them. */
static char unescape_number(const char **text, size_t most, int base)
{
	char digits[4] = "", *rest;

	strncpy(digits, *text, most);
	digits[0] = strtoul(digits, &rest, base);
	if (rest == digits)
		die("no such escape in --comm");
	*text += rest - digits;
	return digits[0];
}

/* The byte that a C escape after the backslash stands for; moves past it. */
static char unescape(const char **text)
{
	static const char letters[] = "abfnrtve\\", bytes[] = "\a\b\f\n\r\t\v\033\\";
	const char *letter = strchr(letters, **text);

	if (**text && letter) {
		(*text)++;
		return bytes[letter - letters];
	}
	if (**text != 'x')
		return unescape_number(text, 3, 8);
	(*text)++;
	return unescape_number(text, 2, 16);
}

/* Turns C escapes into bytes; longer names are cut as the kernel does. */
static void unescape_all(char *name, const char *text)
{
	size_t length = 0;

	while (*text && length < COMM_LENGTH - 1) {
		char byte = *text++;

		name[length++] = byte == '\\' ? unescape(&text) : byte;
	}
	name[length] = '\0';
}

/* Takes the name. */
static void take_name(const char *name)
{
	uint64_t ns = now_ns();
	struct line line;

	if (prctl(PR_SET_NAME, name))
		die("prctl: %s", strerror(errno));
	did_begin(&line, "comm", ns);
	line_text(&line, "comm", name);
	did_end(&line, true, 0);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "comm", OPT_TEXT, &comm, "the name, with C escapes (x\\nM 1 2 3)" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	char name[COMM_LENGTH];
	pid_t self = getpid();
	struct ufile ufile;
	char *page;

	begin(argc, argv, "Takes a hostile name, then maps, touches, unmaps a page.",
	      opts);
	unescape_all(name, comm);
	take_name(name);
	ufile_open(&ufile);
	page = map(ufile.fd, UMAPFIX_IO, 0, 1);
	mark(page, 1, 0xc0);
	maps(&self, 1);
	unmap(page, 1);
	maps(&self, 1);
	ufile_close(&ufile);
	return end();
}
