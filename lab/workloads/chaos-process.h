/* SPDX-License-Identifier: MIT */
/* The operations of chaos on processes and threads. True as in chaos-ops.h. */
#ifndef CHAOS_PROCESS_H
#define CHAOS_PROCESS_H

#include "chaos-ops.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

static void worker(struct slot *slot) __attribute__((noreturn));
static void worker_exec(struct slot *slot, enum kind kind);

/* A map that another process or thread makes in our memory; all is chosen before it starts. */
struct errand {
	char *where;
	unsigned long pages;
	int fd;
	bool done;
};

/* Chooses one. */
static inline struct errand errand_new(struct slot *slot)
{
	struct errand errand = { .pages = 1 + below(slot, 8) };

	errand.where = free_range(slot, errand.pages);
	errand.fd = some_fd(slot);
	note(errand.where, errand.pages, NULL);
	return errand;
}

/* Does it. */
static inline void errand_run(struct errand *errand)
{
	errand->done = mmap(errand->where, errand->pages * PAGE,
			    PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED_NOREPLACE, errand->fd,
			    UMAPFIX_OFFSET(UMAPFIX_IO, 0)) == errand->where;
}

/* A thread maps. */
static inline void *errand_thread(void *arg)
{
	errand_run(arg);
	return NULL;
}

static inline bool op_thread_maps(struct slot *slot)
{
	struct errand errand = errand_new(slot);
	pthread_t thread;

	if (pthread_create(&thread, NULL, errand_thread, &errand))
		return false;
	pthread_join(thread, NULL);
	return errand.done;
}

/* A process that shares our memory maps. */
static inline int errand_process(void *arg)
{
	errand_run(arg);
	return 0;
}

static inline bool op_clone_vm_maps(struct slot *slot)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	struct errand errand = errand_new(slot);
	pid_t pid = clone(errand_process, stack + sizeof(stack),
			  CLONE_VM | SIGCHLD, &errand);

	if (pid < 0)
		return false;
	waitpid(pid, NULL, 0);
	return errand.done;
}

/* A vfork child maps, and then becomes another program. */
static inline bool op_vfork_maps(struct slot *slot)
{
	static struct errand errand;
	pid_t pid;

	errand = errand_new(slot);
	pid = vfork();
	if (!pid) {
		errand_run(&errand);
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	if (pid < 0)
		return false;
	waitpid(pid, NULL, 0);
	return errand.done;
}

/* A fork that fails late, when the memory has been copied already: the pid asked for is taken. */
static inline bool op_fork_fails(struct slot *slot)
{
	pid_t taken = getpid();
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
		uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
	} args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&taken,
		.set_tid_size = 1,
	};
	long pid;

	if (!some_vma(slot, 1))
		return false;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	return pid < 0 && errno == EEXIST;
}

/* A child that lives only for a moment. */
static inline bool fork_briefly(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid > 0;
}

/* Prepares a slot for a child of this process. */
static inline struct slot *slot_for_child(struct slot *parent)
{
	struct slot *slot = slot_claim();
	uint64_t random = random_next(parent);

	if (!slot)
		return NULL;
	slot->stopped = (unsigned int)shared->round;
	slot->left = 0;
	slot->random = random;
	slot->dealt = KINDS;
	memcpy(slot->fds, parent->fds, sizeof(slot->fds));
	slot->fd_count = parent->fd_count;
	return slot;
}

/* In a new process: takes over a slot, and starts to work. */
static inline void child_begin(struct slot *slot)
{
	slot->pid = getpid();
	slot->state = SLOT_LIVE;
	worker(slot);
}

/* Waits until the child has taken its slot, or gave it back. */
static inline bool child_has_begun(struct slot *slot)
{
	while (slot->state == SLOT_STARTING)
		usleep(200);
	return slot->state != SLOT_FREE;
}

/* Forks a process that works on its own from then on. */
static inline bool op_fork(struct slot *slot)
{
	struct slot *child = slot_for_child(slot);
	pid_t pid;

	if (!child)
		return fork_briefly();
	pid = fork();
	if (!pid)
		child_begin(child);
	if (pid < 0)
		child->state = SLOT_FREE;
	return child_has_begun(child);
}

/* Forks a process that forks, and exits. */
static inline bool op_fork_of_fork(struct slot *slot)
{
	struct slot *child = slot_for_child(slot);
	pid_t pid = fork();

	if (!pid) {
		pid = child ? fork() : fork_briefly();
		if (!pid && child)
			child_begin(child);
		if (pid < 0 && child)
			child->state = SLOT_FREE;
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else if (child)
		child->state = SLOT_FREE;
	return pid > 0 && (!child || child_has_begun(child));
}

/* Becomes the same program again. */
static inline bool op_exec(struct slot *slot)
{
	worker_exec(slot, KIND_exec);
	return false;
}

static inline void *exec_thread(void *arg)
{
	worker_exec(arg, KIND_thread_execs);
	return NULL;
}

/* The same from a thread that is not the leader. */
static inline bool op_thread_execs(struct slot *slot)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, exec_thread, slot))
		pthread_join(thread, NULL);
	return false;
}

/* The life of a process that will be killed at some point of it. */
static inline void doomed(struct slot *slot)
{
	static bool (*const ops[])(struct slot *slot) = {
		op_mmap, op_munmap_whole, op_munmap_middle, op_mremap_move,
		op_mmap_fixed, op_munmap_span,
	};

	alarm(10);
	for (;;) {
		vmas_read();
		if (vma_count > MANY)
			op_munmap_whole(slot);
		else if (below(slot, 8))
			ops[below(slot, sizeof(ops) / sizeof(*ops))](slot);
		else
			fork_briefly();
	}
}

/*
 * Forks a process, and kills it soon. It and its children hold the pipe until
 * their memory is gone.
 */
static inline bool op_killed(struct slot *slot)
{
	static struct slot mine;
	uint64_t random = random_next(slot);
	int ends[2];
	char byte;
	pid_t pid;

	if (!some_vma(slot, 1) || pipe(ends))
		return false;
	pid = fork();
	if (!pid) {
		mine.random = random;
		memcpy(mine.fds, slot->fds, sizeof(mine.fds));
		mine.fd_count = slot->fd_count;
		doomed(&mine);
	}
	close(ends[1]);
	if (pid > 0) {
		usleep(random % 5000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	return pid > 0;
}

/* A child takes our place and all that we have; we exit. */
static inline bool succeed(struct slot *slot)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return false;
	if (pid) {
		slot->pid = pid;
		_exit(0);
	}
	slot->pid = getpid();
	wait_gone(parent);
	return true;
}

/*
 * Exits, while others may hold the same ufiles: for good if there are enough
 * processes, else for a child.
 */
static inline bool op_exit(struct slot *slot)
{
	bool stay = below(slot, 2);

	if (stay || alive() <= shared->keep)
		return succeed(slot);
	shared->counts[KIND_exit]++;
	shared->operations++;
	slot->state = SLOT_LEAVING;
	stops_tell();
	_exit(0);
}

#endif
