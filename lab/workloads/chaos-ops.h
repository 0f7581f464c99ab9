/* SPDX-License-Identifier: MIT */
/*
 * The operations of chaos on memory and ufiles. Each is true if it did what it
 * is meant to do; an operation that is meant to fail is true when it failed.
 */
#ifndef CHAOS_OPS_H
#define CHAOS_OPS_H

#include "chaos-memory.h"

#include <rdma/ib_user_verbs.h>
#include <sys/socket.h>

/* Makes the ucontext of a ufile, the way libibverbs did for long. */
static inline bool get_context(int fd)
{
	struct ib_uverbs_get_context_resp answer;
	struct {
		struct ib_uverbs_cmd_hdr header;
		struct ib_uverbs_get_context get;
	} command = {
		.header = {
			.command = IB_USER_VERBS_CMD_GET_CONTEXT,
			.in_words = sizeof(command) / 4,
			.out_words = sizeof(answer) / 4,
		},
		.get = { .response = (uintptr_t)&answer },
	};

	if (write(fd, &command, sizeof(command)) != sizeof(command))
		return false;
	close(answer.async_fd);
	return true;
}

/* Forgets one of the ufiles. */
static inline int fd_forget(struct slot *slot, int index)
{
	int fd = slot->fds[index];

	slot->fds[index] = slot->fds[--slot->fd_count];
	return fd;
}

/* Opens the device. If this process knows many ufiles, it closes one first. */
static inline bool op_open(struct slot *slot)
{
	int fd;

	if (slot->fd_count == FDS)
		close(fd_forget(slot, below(slot, FDS)));
	fd = open(shared->node, O_RDWR);
	if (fd < 0)
		return false;
	if (!get_context(fd)) {
		close(fd);
		return false;
	}
	slot->fds[slot->fd_count++] = fd;
	return true;
}

/* Closes a ufile; its mappings stay. Another one is opened if it was the last. */
static inline bool op_close(struct slot *slot)
{
	bool closed = slot->fd_count &&
		      !close(fd_forget(slot, below(slot, slot->fd_count)));

	if (!slot->fd_count && op_open(slot))
		shared->counts[KIND_open]++;
	return closed;
}

/* Maps 1 to 8 pages. */
static inline bool op_mmap(struct slot *slot)
{
	unsigned long pages = 1 + below(slot, 8);
	char *where = free_range(slot, pages);

	return map_some(slot, where, pages, MAP_FIXED_NOREPLACE) == where;
}

/* Unmaps pages. */
static inline bool unmap_pages(char *start, unsigned long pages)
{
	note(start, pages, NULL);
	return !munmap(start, pages * PAGE);
}

/* Unmaps all of a umap. */
static inline bool op_munmap_whole(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 1);

	return vma && unmap_pages(vma->start, vma->pages);
}

/* Unmaps the low end of one. */
static inline bool op_munmap_low(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 2);

	return vma && unmap_pages(vma->start, 1 + below(slot, vma->pages - 1));
}

/* Unmaps the high end of one. */
static inline bool op_munmap_high(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 2);
	unsigned long keep = vma ? 1 + below(slot, vma->pages - 1) : 0;

	return vma && unmap_pages(vma->start + keep * PAGE, vma->pages - keep);
}

/* Unmaps pages in the middle of one. */
static inline bool op_munmap_middle(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 3);
	unsigned long from = vma ? 1 + below(slot, vma->pages - 2) : 0;

	return vma && unmap_pages(vma->start + from * PAGE,
				  1 + below(slot, vma->pages - from - 1));
}

/* Unmaps from somewhere in one to somewhere in one further on. */
static inline bool op_munmap_span(struct slot *slot)
{
	struct vma *first, *last;
	unsigned int index;
	char *from, *to;

	while (vma_count < 3)
		if (!op_mmap(slot))
			return false;
		else
			vmas_read();
	index = below(slot, vma_count - 1);
	first = &vmas[index];
	last = &vmas[index + 1 + below(slot, index + 2 < vma_count ? 2 : 1)];
	from = first->start + below(slot, first->pages) * PAGE;
	to = last->start + (1 + below(slot, last->pages)) * PAGE;
	return unmap_pages(from, (to - from) / PAGE);
}

/* Gives a part of one another protection. */
static inline bool op_mprotect_part(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 2);
	unsigned long pages;
	char *part;
	int prot;

	if (!vma)
		return false;
	part = some_part(slot, vma, &pages);
	prot = vma->prot == PROT_NONE ? PROT_READ :
	       below(slot, 4) ? vma->prot ^ PROT_WRITE : PROT_NONE;
	note(part, pages, NULL);
	return !mprotect(part, pages * PAGE, prot) ||
	       !mprotect(part, pages * PAGE, PROT_NONE);
}

/* Gives advice on a part of one. */
static inline bool advise(struct slot *slot, int advice)
{
	struct vma *vma = some_vma(slot, 2);
	unsigned long pages;
	char *part;

	if (!vma)
		return false;
	part = some_part(slot, vma, &pages);
	note(part, pages, NULL);
	return !madvise(part, pages * PAGE, advice);
}

static inline bool op_madvise_dontfork(struct slot *slot)
{
	return advise(slot, MADV_DONTFORK);
}

static inline bool op_madvise_random(struct slot *slot)
{
	return advise(slot, MADV_RANDOM);
}

static inline bool op_madvise_sequential(struct slot *slot)
{
	return advise(slot, MADV_SEQUENTIAL);
}

/* Moves pages to another place, over whatever is there. */
static inline bool move_to(char *from, unsigned long pages, char *to)
{
	note(from, pages, to);
	return mremap(from, pages * PAGE, pages * PAGE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, to) == to;
}

/* Moves a umap to a free place. */
static inline bool op_mremap_move(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 1);

	return vma && move_to(vma->start, vma->pages,
			      free_range(slot, vma->pages));
}

/* Makes one smaller. */
static inline bool op_mremap_shrink(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 2);
	unsigned long keep = vma ? 1 + below(slot, vma->pages - 1) : 0;

	if (!vma)
		return false;
	note(vma->start + keep * PAGE, vma->pages - keep, NULL);
	return mremap(vma->start, vma->pages * PAGE, keep * PAGE, 0) ==
	       vma->start;
}

/* Moves two neighbours that touch in one call, which newer kernels can. */
static inline bool move_neighbours(struct slot *slot)
{
	unsigned int i;

	for (i = 0; i + 1 < vma_count; i++)
		if (vmas[i].start + vmas[i].pages * PAGE == vmas[i + 1].start)
			return move_to(vmas[i].start,
				       vmas[i].pages + vmas[i + 1].pages,
				       free_range(slot, vmas[i].pages +
							vmas[i + 1].pages));
	return false;
}

/* Moves a part of one, or parts of several. */
static inline bool op_mremap_part(struct slot *slot)
{
	unsigned long pages;
	struct vma *vma;
	char *part;

	if (!below(slot, 3) && move_neighbours(slot))
		return true;
	vma = some_vma(slot, 2);
	if (!vma)
		return false;
	part = some_part(slot, vma, &pages);
	return move_to(part, pages, free_range(slot, pages));
}

/* Two different umaps; false if they cannot be had. */
static inline bool two_vmas(struct slot *slot, struct vma **one, struct vma **other)
{
	unsigned int index;

	while (vma_count < 2)
		if (!op_mmap(slot))
			return false;
		else
			vmas_read();
	index = below(slot, vma_count);
	*one = &vmas[index];
	*other = &vmas[(index + 1 + below(slot, vma_count - 1)) % vma_count];
	return true;
}

/* The pages that both have. */
static inline unsigned long both(const struct vma *one, const struct vma *other)
{
	return one->pages < other->pages ? one->pages : other->pages;
}

/* Moves one over another. */
static inline bool op_mremap_fixed(struct slot *slot)
{
	struct vma *from, *to;

	if (!two_vmas(slot, &from, &to))
		return false;
	return move_to(from->start, both(from, to), to->start);
}

/* Maps over a umap, or a part of it. */
static inline bool op_mmap_fixed(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 1);
	unsigned long pages = vma ? 1 + below(slot, vma->pages < 8 ? vma->pages : 8) : 0;

	return vma && map_some(slot, vma->start, pages, MAP_FIXED) == vma->start;
}

/* Tries to map in one of the ways that fail: in the driver before rdma_user_mmap_io, or in it. */
static inline bool map_fails(struct slot *slot, char *where,
			     unsigned long pages, int flags)
{
	bool private = below(slot, 2);

	note(where, pages, NULL);
	return mmap(where, pages * PAGE, PROT_READ,
		    (private ? MAP_PRIVATE : MAP_SHARED) | flags, some_fd(slot),
		    UMAPFIX_OFFSET(private ? UMAPFIX_IO : UMAPFIX_FAIL_BEFORE,
				   0)) == MAP_FAILED;
}

/* The same over a umap: the umap is gone although nothing took its place, or is not, by kernel. */
static inline bool op_mmap_fixed_fails(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 1);

	return vma && map_fails(slot, vma->start, 1 + below(slot, vma->pages),
				MAP_FIXED);
}

/* The same where nothing is. */
static inline bool op_mmap_fails(struct slot *slot)
{
	unsigned long pages = 1 + below(slot, 8);

	return map_fails(slot, free_range(slot, pages), pages,
			 MAP_FIXED_NOREPLACE);
}

/* An mremap that fails: such mappings can neither grow nor leave a copy. */
static inline bool op_mremap_fails(struct slot *slot)
{
	struct vma *vma = some_vma(slot, 1);
	bool grow = below(slot, 2);

	if (!vma)
		return false;
	note(vma->start, vma->pages, NULL);
	return mremap(vma->start, vma->pages * PAGE,
		      (vma->pages + grow) * PAGE,
		      MREMAP_MAYMOVE | (grow ? 0 : 4 /* DONTUNMAP */)) ==
	       MAP_FAILED;
}

/* Reads a word of each umap, and writes to those that allow it. */
static inline bool op_touch(struct slot *slot)
{
	volatile uint32_t *word;
	unsigned int i;

	if (!some_vma(slot, 1))
		return false;
	for (i = 0; i < vma_count; i++) {
		word = (volatile uint32_t *)vmas[i].start;
		if (vmas[i].prot & PROT_WRITE)
			*word = getpid();
		else if (vmas[i].prot & PROT_READ)
			(void)*word;
	}
	return true;
}

/*
 * Puts a ufile into the mailbox, takes one out, and maps it. Another process
 * may be the one that put it there.
 */
static inline bool op_handover(struct slot *slot)
{
	unsigned long pages = 1 + below(slot, 8);
	char *where = free_range(slot, pages);
	bool mapped;
	int fd;

	note(where, pages, NULL);
	fd_send(MAIL_FD, some_fd(slot));
	fd = fd_receive(MAILBOX_FD);
	mapped = mmap(where, pages * PAGE, PROT_READ,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd,
		      UMAPFIX_OFFSET(UMAPFIX_IO, 0)) == where;
	close(fd);
	return mapped;
}

#endif
