/* SPDX-License-Identifier: MIT */
/* How a process of chaos finds and picks its umaps. */
#ifndef CHAOS_MEMORY_H
#define CHAOS_MEMORY_H

#include "chaos-shared.h"

#include <fcntl.h>

#define ARENA		0x100000000000UL	/* all umaps lie here: no luck of the address layout */
#define ARENA_PAGES	4096UL
#define VMAS		64			/* more than this is not looked at */
#define MANY		20			/* from here on, unmap rather than map */
#define DEVICE_PAGES	64UL

struct vma {
	char *start;
	unsigned long pages;
	int prot;
};

/* What the operation did last, for its truth line. */
static struct {
	char *start, *to;
	unsigned long pages;
} did;

/* The umaps of this process, read from the kernel at the start of each operation. */
static struct vma vmas[VMAS];
static unsigned int vma_count;

/* Reads the whole maps file. */
static inline void maps_text(char *text, size_t room)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		die("/proc/self/maps: %s", strerror(errno));
	while ((n = read(fd, text + length, room - 1 - length)) > 0)
		length += n;
	text[length] = '\0';
	close(fd);
}

/* Finds out which umaps this process has. */
static inline void vmas_read(void)
{
	static char text[64 * 1024];
	char *line, *next, perms[8];
	unsigned long start, vma_end;

	maps_text(text, sizeof(text));
	vma_count = 0;
	for (line = text; *line && vma_count < VMAS; line = next) {
		next = strchrnul(line, '\n');
		next += *next == '\n';
		if (sscanf(line, "%lx-%lx %7s", &start, &vma_end, perms) != 3)
			break;
		if (start < ARENA || start >= ARENA + ARENA_PAGES * PAGE)
			continue;
		vmas[vma_count].start = (char *)start;
		vmas[vma_count].pages = (vma_end - start) / PAGE;
		vmas[vma_count++].prot = (perms[0] == 'r' ? PROT_READ : 0) |
					 (perms[1] == 'w' ? PROT_WRITE : 0);
	}
}

/* Is this range of the arena free? */
static inline bool is_free(const char *start, unsigned long pages)
{
	unsigned int i;

	for (i = 0; i < vma_count; i++)
		if (start < vmas[i].start + vmas[i].pages * PAGE &&
		    vmas[i].start < start + pages * PAGE)
			return false;
	return true;
}

/* A random free range of the arena, close to others, so that ranges meet. */
static inline char *free_range(struct slot *slot, unsigned long pages)
{
	unsigned long window = 128;
	char *start;

	do {
		start = (char *)ARENA +
			below(slot, window < ARENA_PAGES ? window : ARENA_PAGES - pages) * PAGE;
		window += 8;
	} while (!is_free(start, pages));
	return start;
}

/* Remembers on which range an operation works. */
static inline void note(char *start, unsigned long pages, char *to)
{
	did.start = start;
	did.pages = pages;
	did.to = to;
}

/* A ufile of this process; -1 if it has none. */
static inline int some_fd(struct slot *slot)
{
	return slot->fd_count ? slot->fds[below(slot, slot->fd_count)] : -1;
}

/* Maps device memory in one of the ways that succeed. */
static inline char *map_some(struct slot *slot, char *where,
			     unsigned long pages, int flags)
{
	static const enum umapfix_kind kinds[] = {
		UMAPFIX_IO, UMAPFIX_IO, UMAPFIX_ENTRY, UMAPFIX_READ_ONLY,
	};
	enum umapfix_kind kind = kinds[below(slot, 4)];
	unsigned long at = below(slot, DEVICE_PAGES - pages) * PAGE;
	int prot = PROT_READ | (kind == UMAPFIX_READ_ONLY ? 0 : PROT_WRITE);

	note(where, pages, NULL);
	return mmap(where, pages * PAGE, prot, MAP_SHARED | flags,
		    some_fd(slot), UMAPFIX_OFFSET(kind, at));
}

/* A random umap of at least so many pages; one is made if there is none. NULL if that fails. */
static inline struct vma *some_vma(struct slot *slot, unsigned long pages)
{
	unsigned int first = vma_count ? below(slot, vma_count) : 0, i;
	char *where;

	for (i = 0; i < vma_count; i++)
		if (vmas[(first + i) % vma_count].pages >= pages)
			return &vmas[(first + i) % vma_count];
	pages += below(slot, 9 - pages);
	where = free_range(slot, pages);
	if (map_some(slot, where, pages, MAP_FIXED_NOREPLACE) != where)
		return NULL;
	shared->counts[KIND_mmap]++;
	vmas_read();
	for (i = 0; i < vma_count; i++)
		if (vmas[i].start == where)
			return &vmas[i];
	return NULL;
}

/* A random part of a umap that is not all of it. */
static inline char *some_part(struct slot *slot, const struct vma *vma,
			      unsigned long *pages)
{
	*pages = 1 + below(slot, vma->pages - 1);
	return vma->start + below(slot, vma->pages - *pages + 1) * PAGE;
}

#endif
