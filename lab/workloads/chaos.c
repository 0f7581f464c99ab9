/* SPDX-License-Identifier: MIT */
/*
 * Many processes do random things with umaps, all chosen from a seed. Every so
 * often all stop, and what each maps is written down.
 *
 * A round: the coordinator lets the workers go, each does its quota of
 * operations, says that it has stopped, and waits. A worker's memory between
 * operations is its slot in shared memory and /proc/self/maps, so that it can
 * go on after fork and exec. The coordinator itself maps no umap.
 */
#define _GNU_SOURCE
#include "chaos-process.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#define PATIENCE_S	120

static unsigned long seed = 1, operations = 500, processes = 10, quiet_every = 40;
static bool unplug, terse;
static unsigned long quiet_moments;

/* --- the workers --- */

static bool (*const operation[KINDS])(struct slot *slot) = {
#define CHAOS_OP(name) [KIND_##name] = op_##name,
	CHAOS_KINDS(CHAOS_OP)
};

/* The next card of a process's deck, shuffled anew when it is used up. */
static enum kind deal(struct slot *slot)
{
	unsigned int i, j;
	unsigned char card;

	if (slot->dealt >= KINDS) {
		for (i = 0; i < KINDS; i++) {
			j = below(slot, i + 1);
			slot->deck[i] = slot->deck[j];
			slot->deck[j] = i;
		}
		slot->dealt = 0;
	}
	card = slot->deck[slot->dealt++];
	return vma_count > MANY && card < KIND_fork ? KIND_munmap_whole : card;
}

/* Counts and prints an operation that has ended in this process. */
static void operation_did(enum kind kind, uint64_t ns, bool ok)
{
	struct line line;

	shared->operations++;
	if (ok)
		shared->counts[kind]++;
	if (terse)
		return;
	did_begin(&line, kind_name(kind), ns);
	if (did.start) {
		line_hex(&line, "start", (unsigned long)did.start);
		line_hex(&line, "end", (unsigned long)did.start + did.pages * PAGE);
	}
	if (did.to)
		line_hex(&line, "to", (unsigned long)did.to);
	line_bool(&line, "ok", ok);
	line_end(&line);
}

/* One random operation. */
static void operate(struct slot *slot)
{
	uint64_t ns = now_ns();
	enum kind kind;
	bool ok;

	vmas_read();
	note(NULL, 0, NULL);
	if (!slot->fd_count && op_open(slot))
		shared->counts[KIND_open]++;
	kind = deal(slot);
	ok = operation[kind](slot);
	operation_did(kind, ns, ok);
}

/* Starts this program again as the same worker. The new one counts the operation. */
static void worker_exec(struct slot *slot, enum kind kind)
{
	char number[24], which[24], program[32];

	snprintf(number, sizeof(number), "%td", slot - shared->slots);
	snprintf(which, sizeof(which), "%d", kind);
	snprintf(program, sizeof(program), "/proc/self/fd/%d", PROGRAM_FD);
	execl(program, "chaos", "--worker", number, which,
	      terse ? "terse" : "", NULL);
}

/* Looks at what is left of the umaps when all is over, and ends. */
static void worker_last(struct slot *slot)
{
	unsigned int i;

	vmas_read();
	for (i = 0; i < vma_count; i++)
		if (vmas[i].prot & PROT_READ)
			touch_read(vmas[i].start);
	slot->state = SLOT_LEAVING;
	_exit(0);
}

/* Says that this worker has stopped, and waits for the next round. */
static void worker_stop(struct slot *slot)
{
	unsigned int round = shared->round;

	slot->stopped = round;
	stops_tell();
	while (shared->round == round) {
		futex_wait(&shared->round, round);
		if (kill(shared->coordinator, 0))
			_exit(1);
	}
	if (shared->over)
		worker_last(slot);
	slot->left = shared->quota;
}

/* The life of a worker. */
static void worker(struct slot *slot)
{
	alarm(PATIENCE_S);
	for (;;) {
		while (slot->left) {
			slot->left--;
			operate(slot);
		}
		worker_stop(slot);
	}
}

/* Finds the shared memory again, after exec. */
static struct shared *shared_map(void)
{
	void *start = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED, SHARED_FD, 0);

	if (start == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return start;
}

/* The program has been started again by a worker. */
static void worker_again(char **argv)
{
	struct slot *slot;

	prctl(PR_SET_NAME, "chaos");
	shared = shared_map();
	slot = &shared->slots[atoi(argv[2])];
	terse = *argv[4];
	operation_did(atoi(argv[3]), now_ns(), true);
	worker(slot);
}

/* --- the coordinator --- */

/* Ends everything: something went wrong. */
static void fail(const char *why, int pid)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (shared->slots[i].pid > 0 && shared->slots[i].state != SLOT_FREE)
			kill(shared->slots[i].pid, SIGKILL);
	die("seed %lu: process %d %s", seed, pid, why);
}

/* Has this slot come to rest? Frees it if its process has gone for good. */
static bool slot_rests(struct slot *slot)
{
	int pid = slot->pid;

	switch (slot->state) {
	case SLOT_FREE:
		return true;
	case SLOT_STARTING:
		return false;
	case SLOT_LEAVING:
		wait_gone(slot->pid);
		slot->state = SLOT_FREE;
		return true;
	}
	if (kill(pid, 0) && slot->pid == pid && slot->state == SLOT_LIVE)
		fail("died", pid);
	return slot->stopped == shared->round;
}

/* Do all rest? */
static bool all_rest(void)
{
	bool rest = true;
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		rest &= slot_rests(&shared->slots[i]);
	return rest;
}

/*
 * Waits until all workers have stopped. A slot that was free a moment ago may
 * be in use: look twice.
 */
static void wait_for_rest(void)
{
	uint64_t deadline = now_ns() + PATIENCE_S * 1000000000ULL;
	unsigned int seen;

	do {
		seen = shared->stops;
		if (all_rest())
			continue;
		futex_wait(&shared->stops, seen);
		if (now_ns() > deadline)
			fail("or another one does not stop", shared->slots[0].pid);
	} while (!all_rest() || shared->stops != seen);
}

/* The pids of all workers. */
static size_t worker_pids(pid_t *pids)
{
	size_t count = 0, i;

	for (i = 0; i < SLOTS; i++)
		if (shared->slots[i].state == SLOT_LIVE)
			pids[count++] = shared->slots[i].pid;
	return count;
}

/* Prints what each worker maps; all are at rest. */
static void quiet(void)
{
	pid_t pids[SLOTS];

	maps(pids, worker_pids(pids));
	quiet_moments++;
}

/* Lets all go, and waits until they have stopped again. */
static void round_run(void)
{
	shared->quota = quiet_every / alive();
	shared->quota += !shared->quota;
	shared->round++;
	futex_wake(&shared->round);
	wait_for_rest();
}

/* Lets all look once more at what they have, and exit. */
static void round_last(void)
{
	shared->over = true;
	shared->round++;
	futex_wake(&shared->round);
	while (alive()) {
		all_rest();
		nap_ms(1);
	}
}

/* Puts a descriptor where workers expect it, open over exec. */
static void keep_fd(int fd, int at)
{
	if (dup2(fd, at) != at)
		die("dup2: %s", strerror(errno));
	close(fd);
}

/* Keeps a copy of this program in memory: where it lies may be slow to exec from. */
static void program_keep(void)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create("chaos", 0);
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, 1 << 20);
	} while (n > 0);
	if (n < 0)
		die("cannot copy this program: %s", strerror(errno));
	close(from);
	keep_fd(to, PROGRAM_FD);
}

/* Finds the device node, without keeping the device open. */
static void node_find(char *node, size_t room)
{
	struct ufile ufile;

	ufile_open(&ufile);
	snprintf(node, room, "/dev/infiniband/%s", ufile.uverbs);
	ufile_close(&ufile);
}

/* Makes what all share. */
static void shared_make(void)
{
	int fd = memfd_create("chaos", 0), mail[2];

	if (fd < 0 || ftruncate(fd, sizeof(struct shared)) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, mail))
		die("cannot set up: %s", strerror(errno));
	keep_fd(fd, SHARED_FD);
	keep_fd(mail[0], MAIL_FD);
	keep_fd(mail[1], MAILBOX_FD);
	program_keep();
	shared = shared_map();
	shared->coordinator = getpid();
	shared->keep = processes;
	node_find(shared->node, sizeof(shared->node));
}

/* Puts a ufile into the mailbox, so that who takes one gets another one's. */
static void mailbox_fill(struct slot *slot)
{
	if (op_open(slot))
		fd_send(MAIL_FD, slot->fds[0]);
}

/* Starts the first workers. They begin with the first round. */
static void workers_start(void)
{
	struct slot *slot;
	unsigned long i;
	pid_t pid;

	for (i = 0; i < processes; i++) {
		slot = slot_claim();
		slot->random = seed * 1000003 + i;
		slot->dealt = KINDS;
		pid = fork();
		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (!pid) {
			if (i < 3)
				mailbox_fill(slot);
			child_begin(slot);
		}
		child_has_begun(slot);
	}
	wait_for_rest();
}

/* Prints how often each kind of operation has done what it is meant to do. */
static void counts(uint64_t ns)
{
	uint64_t elapsed = now_ns() - ns;
	struct line line;
	unsigned int i;

	line_begin(&line, "counts");
	line_ns(&line, "ns", now_ns());
	line_number(&line, "seed", seed);
	line_number(&line, "operations", shared->operations);
	line_number(&line, "quiet_moments", quiet_moments);
	line_number(&line, "alive_most", shared->alive_most);
	line_ns(&line, "elapsed_ns", elapsed);
	line_open(&line, "kinds", '{');
	for (i = 0; i < KINDS; i++)
		line_number(&line, kind_name(i), shared->counts[i]);
	line_close(&line, '}');
	line_end(&line);
}

/* Removes the device while all are at rest. */
static void unplug_device(void)
{
	signal(SIGCHLD, SIG_DFL);
	remove_device();
	signal(SIGCHLD, SIG_IGN);
	quiet();
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "seed", OPT_NUMBER, &seed, "what all choices follow from (1)" },
		{ "ops", OPT_NUMBER, &operations, "operations in all (500)" },
		{ "procs", OPT_NUMBER, &processes, "processes at the start (10)" },
		{ "quiet-every", OPT_NUMBER, &quiet_every, "operations between two quiet moments (40)" },
		{ "unplug", OPT_FLAG, &unplug, "remove the device at the end" },
		{ "terse", OPT_FLAG, &terse, "print no line for each operation" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	uint64_t ns = now_ns();

	if (argc == 5 && !strcmp(argv[1], "--worker"))
		worker_again(argv);
	begin(argc, argv,
	      "Many processes do random things with umaps. Every so often all stop,\n"
	      "and what each of them maps is printed.", opts);
	if (processes < 2 || processes > SLOTS - 4)
		die("--procs is 2 to %d", SLOTS - 4);
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	shared_make();
	workers_start();
	quiet();
	while (shared->operations < operations) {
		round_run();
		quiet();
	}
	nap_ms(hold_seconds * 1000);
	if (unplug)
		unplug_device();
	round_last();
	counts(ns);
	hold_seconds = 0;
	return end();
}
