/* SPDX-License-Identifier: MIT */
/* Each way in which the fixture maps, and each in which it does not. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MARK 0x41d50000

static bool fail_after, outside;

/* An mmap that has to fail with this errno. */
static void refused(int fd, enum umapfix_kind kind, int flags, int error)
{
	if (try_map(fd, kind, 0, 1, PROT_READ | PROT_WRITE, flags, NULL) !=
	    MAP_FAILED)
		die("an mmap of kind %d succeeded", kind);
	if (errno != error)
		die("an mmap of kind %d: %s", kind, strerror(errno));
}

/* A mapping that has to reach the device. */
static char *reaches(int fd, enum umapfix_kind kind, int prot)
{
	char *page = try_map(fd, kind, 0, 1, prot, MAP_SHARED, NULL);

	if (page == MAP_FAILED)
		die("an mmap of kind %d: %s", kind, strerror(errno));
	if (touch_read(page).value != MARK)
		die("a mapping of kind %d does not reach the device", kind);
	return page;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "outside", OPT_FLAG, &outside, "also map behind the back of rdma_user_mmap_io" },
		{ "fail-after", OPT_FLAG, &fail_after, "also fail after rdma_user_mmap_io: leaves a umap behind" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	pid_t self = getpid();
	struct ufile ufile;
	char *pages[4] = { NULL };
	int i;

	begin(argc, argv, "Maps one page in each way that the fixture knows.", opts);
	ufile_open(&ufile);
	pages[0] = map(ufile.fd, UMAPFIX_IO, 0, 1);
	mark(pages[0], 1, MARK);
	pages[1] = reaches(ufile.fd, UMAPFIX_ENTRY, PROT_READ | PROT_WRITE);
	pages[2] = reaches(ufile.fd, UMAPFIX_READ_ONLY, PROT_READ);
	if (!mprotect(pages[2], PAGE, PROT_READ | PROT_WRITE))
		die("a read-only mapping became writable");
	refused(ufile.fd, UMAPFIX_READ_ONLY, MAP_SHARED, EPERM);
	refused(ufile.fd, UMAPFIX_FAIL_BEFORE, MAP_SHARED, EBUSY);
	refused(ufile.fd, UMAPFIX_IO, MAP_PRIVATE, EINVAL);
	if (fail_after)
		refused(ufile.fd, UMAPFIX_FAIL_AFTER, MAP_SHARED, EIO);
	if (outside)
		pages[3] = reaches(ufile.fd, UMAPFIX_OUTSIDE, PROT_READ | PROT_WRITE);
	maps(&self, 1);
	for (i = 0; i < 4; i++)
		if (pages[i])
			unmap(pages[i], 1);
	maps(&self, 1);
	ufile_close(&ufile);
	return end();
}
