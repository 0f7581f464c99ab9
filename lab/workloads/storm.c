/* SPDX-License-Identifier: MIT */
/* As many mmap + munmap cycles of one tracked page as asked for. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long cycles = 20000, threads = 1, fork_every, seconds, every, pause_us,
	pause_every = 1;
static atomic_ulong next, done, forks;
static uint64_t started, deadline, due;
static struct ufile ufile;

/* Forks with the page mapped; the child exits at once. */
static void fork_and_reap(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		die("fork: %s", strerror(errno));
	atomic_fetch_add(&forks, 1);
}

/* One cycle; n is its ordinal over all threads. */
static void cycle(unsigned long n, unsigned long at)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  ufile.fd, UMAPFIX_OFFSET(UMAPFIX_IO, at));

	if (page == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	if (fork_every && n % fork_every == fork_every - 1)
		fork_and_reap();
	if (munmap(page, PAGE))
		die("munmap: %s", strerror(errno));
	atomic_fetch_add(&done, 1);
}

/* Prints what was done until now. */
static void counts(const char *truth, uint64_t ns, uint64_t elapsed)
{
	struct line line;

	line_begin(&line, truth);
	line_ns(&line, "ns", ns);
	line_number(&line, "pid", getpid());
	line_number(&line, "mmaps", done);
	line_number(&line, "munmaps", done);
	line_number(&line, "forks", forks);
	line_number(&line, "threads", threads);
	line_ns(&line, "elapsed_ns", elapsed);
	line_end(&line);
}

/* Prints the counts so far when it is time to. */
static void progress(void)
{
	uint64_t ns = now_ns();

	if (ns < due)
		return;
	counts("progress", ns, ns - started);
	due = ns + every * 1000000ULL;
}

/* One thread: takes cycles until they, or the seconds, are used up. */
static void *run(void *arg)
{
	unsigned long at = (unsigned long)arg % 16 * PAGE, n;

	while ((n = atomic_fetch_add(&next, 1)) < cycles) {
		if (deadline && now_ns() >= deadline)
			break;
		cycle(n, at);
		if (every && arg == 0)
			progress();
		if (pause_us && n % pause_every == pause_every - 1)
			usleep(pause_us);
	}
	return NULL;
}

/* Runs all threads to their end. */
static void run_threads(void)
{
	pthread_t ids[threads];
	unsigned long i;

	for (i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, run, (void *)i))
			die("cannot start a thread");
	for (i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "cycles", OPT_NUMBER, &cycles, "mmap + munmap cycles in all (20000)" },
		{ "threads", OPT_NUMBER, &threads, "threads that share them (1)" },
		{ "fork-every", OPT_NUMBER, &fork_every, "fork in each Nth cycle (never)" },
		{ "seconds", OPT_NUMBER, &seconds, "stop after N seconds (never)" },
		{ "pause", OPT_NUMBER, &pause_us, "us that a thread pauses after a cycle (0)" },
		{ "pause-every", OPT_NUMBER, &pause_every, "pause after each Nth cycle (1)" },
		{ "every", OPT_NUMBER, &every, "print counts each N ms (never)" },
		{ NULL, OPT_FLAG, NULL, NULL },
	};
	pid_t self = getpid();

	begin(argc, argv,
	      "Cycles of mmap and munmap of one tracked page. Prints only counts.",
	      opts);
	if (!threads || threads > 256)
		die("--threads is 1 to 256");
	if (!pause_every)
		die("--pause-every is 1 or more");
	ufile_open(&ufile);
	maps(&self, 1);
	started = now_ns();
	deadline = seconds ? started + seconds * 1000000000ULL : 0;
	run_threads();
	counts("totals", started, now_ns() - started);
	maps(&self, 1);
	ufile_close(&ufile);
	return end();
}
