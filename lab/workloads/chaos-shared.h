/* SPDX-License-Identifier: MIT */
/* What the processes of chaos share, and how they start and stop together. */
#ifndef CHAOS_SHARED_H
#define CHAOS_SHARED_H

#include "common.h"

#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOTS		24	/* processes at once, at most */
#define FDS		4	/* ufiles that a process knows */
#define SHARED_FD	100	/* these four are kept over exec */
#define MAIL_FD		101
#define MAILBOX_FD	102
#define PROGRAM_FD	103

/* The kinds of operations; each process goes through shuffled decks of them. */
#define CHAOS_KINDS(X) \
	X(open) X(close) X(mmap) X(munmap_whole) X(munmap_low) X(munmap_high) \
	X(munmap_middle) X(munmap_span) X(mprotect_part) X(madvise_dontfork) \
	X(madvise_random) X(madvise_sequential) X(mremap_move) X(mremap_shrink) \
	X(mremap_part) X(mremap_fixed) X(mmap_fixed) X(mmap_fixed_fails) \
	X(mmap_fails) X(mremap_fails) X(fork) X(fork_of_fork) X(fork_fails) \
	X(vfork_maps) X(clone_vm_maps) X(thread_maps) X(exec) X(thread_execs) \
	X(killed) X(exit) X(handover) X(touch)

#define CHAOS_ENUM(name) KIND_##name,
enum kind { CHAOS_KINDS(CHAOS_ENUM) KINDS };

enum slot_state {
	SLOT_FREE,
	SLOT_STARTING,	/* claimed for a child that is about to be forked */
	SLOT_LIVE,
	SLOT_LEAVING,	/* its process is about to exit, for good */
};

/* One process: all that it has to remember over fork and exec. */
struct slot {
	atomic_int state;
	atomic_int pid;
	atomic_uint stopped;		/* the last round that it has finished */
	unsigned int left;		/* operations still to do in this round */
	uint64_t random;		/* the state of its random numbers */
	unsigned char deck[KINDS];
	unsigned int dealt;		/* cards of the deck that are used up */
	int fds[FDS], fd_count;
};

struct shared {
	struct slot slots[SLOTS];
	atomic_uint round;		/* a new number lets all processes go */
	atomic_uint stops;		/* futex: changes when a process has stopped */
	unsigned int quota;		/* operations of each process in this round */
	atomic_bool over;		/* touch what is left, and exit */
	atomic_uint keep;		/* an exit for good needs more processes alive than this */
	atomic_uint alive_most;
	atomic_ulong operations;
	atomic_ulong counts[KINDS];
	pid_t coordinator;
	char node[96];			/* /dev/infiniband/uverbs0 */
};

static struct shared *shared;

/* The name of a kind in the output. */
static inline const char *kind_name(enum kind kind)
{
#define CHAOS_NAME(name) #name,
	static const char *const names[] = { CHAOS_KINDS(CHAOS_NAME) };

	return names[kind];
}

/* Sleeps until the word is no longer `seen`, or for half a second. */
static inline void futex_wait(atomic_uint *word, unsigned int seen)
{
	struct timespec timeout = { 0, 500000000 };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, NULL, 0);
}

/* Wakes all that sleep on the word. */
static inline void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Tells the coordinator that something has come to rest. */
static inline void stops_tell(void)
{
	shared->stops++;
	futex_wake(&shared->stops);
}

/* The next random number of a process (splitmix64). */
static inline uint64_t random_next(struct slot *slot)
{
	uint64_t z = slot->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* A random number below n. */
static inline unsigned long below(struct slot *slot, unsigned long n)
{
	return random_next(slot) % n;
}

/* How many slots are not free. */
static inline unsigned int alive(void)
{
	unsigned int count = 0, i;

	for (i = 0; i < SLOTS; i++)
		count += shared->slots[i].state != SLOT_FREE;
	return count;
}

/* Claims a free slot, or gives NULL. */
static inline struct slot *slot_claim(void)
{
	unsigned int i, now, most;
	int expected;

	for (i = 0; i < SLOTS; i++) {
		expected = SLOT_FREE;
		if (!atomic_compare_exchange_strong(&shared->slots[i].state,
						    &expected, SLOT_STARTING))
			continue;
		now = alive();
		most = shared->alive_most;
		while (now > most && !atomic_compare_exchange_weak(
					     &shared->alive_most, &most, now))
			;
		return &shared->slots[i];
	}
	return NULL;
}

/* Waits until a process is gone, its memory included. Its parent ignores SIGCHLD. */
static inline void wait_gone(pid_t pid)
{
	while (!kill(pid, 0))
		nap_ms(1);
}

#endif
