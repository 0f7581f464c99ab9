/* SPDX-License-Identifier: MIT */
/* See common.h. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_OPTS	16
#define PATIENCE	300	/* seconds until a workload that hangs is ended */

extern char **environ;

const char *device_name = "rxe0";
unsigned long hold_seconds;

static const char *workload_name = "?";

/* Says on stderr what went wrong, and ends this process. */
void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s (pid %d): ", workload_name, getpid());
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

/* --- arguments --- */

/* Every workload has these. */
static const struct opt common_opts[] = {
	{ "device", OPT_TEXT, &device_name, "the rxe device (rxe0)" },
	{ "hold", OPT_NUMBER, &hold_seconds, "seconds to stay before the end" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

/* Prints one table of options for --help. */
static void help_opts(const struct opt *opts)
{
	static const char *const argument[] = { "", " N", " TEXT" };

	for (; opts && opts->name; opts++)
		printf("  --%s%s\n        %s\n", opts->name,
		       argument[opts->kind], opts->help);
}

/* Prints the help text and ends. */
static void help(const char *about, const struct opt *opts)
{
	printf("Usage: %s [options]\n%s\n\n", workload_name, about);
	help_opts(opts);
	help_opts(common_opts);
	printf("  --help\nWhat is printed: lab/workloads/README.md\n");
	exit(0);
}

/* Stores the argument of an option where it belongs. */
static void opt_set(const struct opt *opt, const char *text)
{
	char *rest;

	if (opt->kind == OPT_FLAG) {
		*(bool *)opt->value = true;
	} else if (opt->kind == OPT_TEXT) {
		*(const char **)opt->value = text;
	} else {
		*(unsigned long *)opt->value = strtoul(text, &rest, 0);
		if (!*text || *rest)
			die("--%s wants a number, not \"%s\"", opt->name, text);
	}
}

/* Appends a table of options to one for getopt. */
static int opts_append(struct option *table, const struct opt **of, int count,
		       const struct opt *opts)
{
	for (; opts && opts->name; opts++, count++) {
		if (count == MAX_OPTS)
			die("too many options");
		table[count].name = opts->name;
		table[count].has_arg = opts->kind == OPT_FLAG ? no_argument :
							       required_argument;
		of[count] = opts;
	}
	return count;
}

/* Reads the command line. */
static void args_parse(int argc, char **argv, const char *about,
		       const struct opt *opts)
{
	struct option table[MAX_OPTS + 2] = { 0 };
	const struct opt *of[MAX_OPTS];
	int count = opts_append(table, of, 0, opts), index, got;

	count = opts_append(table, of, count, common_opts);
	table[count].name = "help";
	while ((got = getopt_long(argc, argv, "", table, &index)) == 0) {
		if (index == count)
			help(about, opts);
		opt_set(of[index], optarg);
	}
	if (got == '?' || optind < argc)
		die("wrong usage; see --help");
}

/* --- start and end --- */

/* Ends this process if it hangs, or if the one that started it is gone. */
static void watch_over(void)
{
	alarm(PATIENCE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Reads the arguments and prints the first line. */
void begin(int argc, char **argv, const char *about, const struct opt *opts)
{
	struct line line;
	const char *slash = strrchr(argv[0], '/');

	workload_name = slash ? slash + 1 : argv[0];
	args_parse(argc, argv, about, opts);
	alarm(PATIENCE);
	line_begin(&line, "begin");
	line_ns(&line, "ns", now_ns());
	line_text(&line, "workload", workload_name);
	line_text(&line, "device", device_name);
	line_number(&line, "pid", getpid());
	line_end(&line);
}

/* Waits as long as --hold says, prints the last line, and gives the exit status. */
int end(void)
{
	struct line line;

	nap_ms(hold_seconds * 1000);
	line_begin(&line, "end");
	line_ns(&line, "ns", now_ns());
	line_number(&line, "pid", getpid());
	line_end(&line);
	return 0;
}

/* Says why this workload cannot run here, and gives the exit status. */
int skip(const char *why)
{
	struct line line;

	line_begin(&line, "skip");
	line_ns(&line, "ns", now_ns());
	line_text(&line, "why", why);
	line_end(&line);
	return EXIT_SKIP;
}

/* --- truth lines --- */

/* The clock of all truth lines: nanoseconds since boot. */
uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Sleeps, through signals too. */
void nap_ms(unsigned int ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* Appends raw text. */
static void line_raw(struct line *line, const char *text, size_t length)
{
	if (line->length + length > line->room) {
		line->room = (line->length + length) * 2;
		line->text = realloc(line->text, line->room);
		if (!line->text)
			die("no memory");
	}
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

/* Appends text as a JSON string. Bytes that are no ASCII text become \u00xx. */
static void line_quoted(struct line *line, const char *text)
{
	char escaped[8];

	line_raw(line, "\"", 1);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			snprintf(escaped, sizeof(escaped), "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			snprintf(escaped, sizeof(escaped), "\\u%04x", c);
		else
			snprintf(escaped, sizeof(escaped), "%c", c);
		line_raw(line, escaped, strlen(escaped));
	}
	line_raw(line, "\"", 1);
}

/* Appends a comma where one is due, and a key if there is one. */
static void line_key(struct line *line, const char *key)
{
	if (line->comma)
		line_raw(line, ",", 1);
	line->comma = true;
	if (!key)
		return;
	line_quoted(line, key);
	line_raw(line, ":", 1);
}

/* Starts a line. */
void line_begin(struct line *line, const char *truth)
{
	memset(line, 0, sizeof(*line));
	line_raw(line, "{", 1);
	line_text(line, "truth", truth);
}

/* Adds a text. */
void line_text(struct line *line, const char *key, const char *value)
{
	line_key(line, key);
	line_quoted(line, value);
}

/* Adds a number. */
void line_number(struct line *line, const char *key, long long value)
{
	char digits[32];

	line_key(line, key);
	line_raw(line, digits, snprintf(digits, sizeof(digits), "%lld", value));
}

/* Adds an address or the like, as hex text. */
void line_hex(struct line *line, const char *key, unsigned long long value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "0x%llx", value);
	line_text(line, key, digits);
}

/* Adds a time, as decimal text. */
void line_ns(struct line *line, const char *key, uint64_t ns)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)ns);
	line_text(line, key, digits);
}

/* Adds true or false. */
void line_bool(struct line *line, const char *key, bool value)
{
	line_key(line, key);
	line_raw(line, value ? "true" : "false", value ? 4 : 5);
}

/* Opens an object or an array inside the line. */
void line_open(struct line *line, const char *key, char bracket)
{
	line_key(line, key);
	line_raw(line, &bracket, 1);
	line->comma = false;
}

/* Closes it. */
void line_close(struct line *line, char bracket)
{
	line_raw(line, &bracket, 1);
	line->comma = true;
}

/* Ends the line and writes it at once. */
void line_end(struct line *line)
{
	size_t written = 0;

	line_raw(line, "}\n", 2);
	while (written < line->length) {
		ssize_t n = write(STDOUT_FILENO, line->text + written,
				  line->length - written);

		if (n < 0 && errno != EINTR)
			die("write: %s", strerror(errno));
		if (n > 0)
			written += n;
	}
	free(line->text);
}

/* Starts a line on something that this process has done, begun at ns. */
void did_begin(struct line *line, const char *what, uint64_t ns)
{
	uint64_t ended = now_ns();

	line_begin(line, "do");
	line_ns(line, "ns", ns);
	line_ns(line, "ns_end", ended);
	line_number(line, "pid", getpid());
	line_number(line, "tid", gettid());
	line_text(line, "what", what);
}

/* Ends it, with how it went. */
void did_end(struct line *line, bool ok, int error)
{
	line_bool(line, "ok", ok);
	if (!ok)
		line_text(line, "errno", strerrorname_np(error));
	line_end(line);
}

/* Adds one line of a maps file, if it is of a uverbs device. */
static void maps_vma(struct line *line, char *text)
{
	unsigned long start, vma_end;
	unsigned long long pgoff;
	char perms[8];
	char *name = strchr(text, '/');

	if (!name || strncmp(name, "/dev/infiniband/uverbs", 22))
		return;
	name[strcspn(name, "\n")] = '\0';
	if (sscanf(text, "%lx-%lx %7s %llx", &start, &vma_end, perms, &pgoff) != 4)
		die("cannot read a maps line: %s", text);
	line_open(line, NULL, '{');
	line_hex(line, "start", start);
	line_hex(line, "end", vma_end);
	line_text(line, "perms", perms);
	line_hex(line, "pgoff", pgoff);
	line_text(line, "name", name);
	line_close(line, '}');
}

/* Adds the uverbs lines of one process. */
static void maps_pid(struct line *line, pid_t pid)
{
	char path[64], text[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	if (!file)
		die("%s: %s", path, strerror(errno));
	line_open(line, NULL, '{');
	line_number(line, "pid", pid);
	line_open(line, "maps", '[');
	while (fgets(text, sizeof(text), file))
		maps_vma(line, text);
	line_close(line, ']');
	line_close(line, '}');
	fclose(file);
}

/* Prints what these processes map. They, and whoever else could change it, must be quiet. */
void maps(const pid_t *pids, size_t count)
{
	struct line line;
	size_t i;

	line_begin(&line, "maps");
	line_ns(&line, "ns", now_ns());
	line_open(&line, "pids", '[');
	for (i = 0; i < count; i++)
		maps_pid(&line, pids[i]);
	line_close(&line, ']');
	line_end(&line);
}

/* --- the device --- */

/* Opens the device that --device names. */
void ufile_open(struct ufile *ufile)
{
	uint64_t ns = now_ns();
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct line line;
	int i = 0;

	if (!list)
		die("no RDMA devices: %s", strerror(errno));
	while (list[i] && strcmp(ibv_get_device_name(list[i]), device_name))
		i++;
	if (!list[i])
		die("no device %s", device_name);
	ufile->verbs = ibv_open_device(list[i]);
	if (!ufile->verbs)
		die("cannot open %s: %s", device_name, strerror(errno));
	ufile->fd = ufile->verbs->cmd_fd;
	snprintf(ufile->uverbs, sizeof(ufile->uverbs), "%s", list[i]->dev_name);
	ibv_free_device_list(list);
	did_begin(&line, "open", ns);
	line_text(&line, "uverbs", ufile->uverbs);
	line_number(&line, "fd", ufile->fd);
	did_end(&line, true, 0);
}

/* Closes it. */
void ufile_close(struct ufile *ufile)
{
	uint64_t ns = now_ns();
	int fd = ufile->fd;
	struct line line;

	if (ibv_close_device(ufile->verbs))
		die("cannot close %s: %s", device_name, strerror(errno));
	did_begin(&line, "close", ns);
	line_number(&line, "fd", fd);
	did_end(&line, true, 0);
}

/* Makes a PD. Its destruction is what a teardown can be delayed in. */
struct ibv_pd *pd_open(struct ufile *ufile)
{
	struct ibv_pd *pd = ibv_alloc_pd(ufile->verbs);

	if (!pd)
		die("ibv_alloc_pd: %s", strerror(errno));
	return pd;
}

/* Makes a CQ and a QP: rxe maps their queues into this process, its own way. */
void queues_open(struct ufile *ufile, struct queues *queues)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 16, .max_recv_wr = 16,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct line line;
	uint64_t ns = now_ns();

	queues->pd = pd_open(ufile);
	queues->cq = ibv_create_cq(ufile->verbs, 16, NULL, NULL, 0);
	if (!queues->cq)
		die("ibv_create_cq: %s", strerror(errno));
	attr.send_cq = queues->cq;
	attr.recv_cq = queues->cq;
	queues->qp = ibv_create_qp(queues->pd, &attr);
	if (!queues->qp)
		die("ibv_create_qp: %s", strerror(errno));
	did_begin(&line, "queues", ns);
	did_end(&line, true, 0);
}

/* Destroys them; only while the device exists. */
void queues_close(struct queues *queues)
{
	if (ibv_destroy_qp(queues->qp) || ibv_destroy_cq(queues->cq) ||
	    ibv_dealloc_pd(queues->pd))
		die("cannot destroy the queues: %s", strerror(errno));
}

/* Writes a parameter of the fixture module; false with errno if it refuses. */
bool fixture_set(const char *parameter, const char *value)
{
	char path[128];
	int fd, saved;
	ssize_t n;

	snprintf(path, sizeof(path), UMAPFIX_PARAMETERS "%s", parameter);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s (is the fixture module loaded?)", path,
		    strerror(errno));
	n = write(fd, value, strlen(value));
	saved = errno;
	close(fd);
	errno = saved;
	return n >= 0;
}

/* The same where it has to work. */
void fixture_need(const char *parameter, const char *value)
{
	if (!fixture_set(parameter, value))
		die("cannot set %s to %s: %s", parameter, value,
		    strerror(errno));
}

/* Starts the removal of the device, and does not wait for it. */
pid_t remove_start(void)
{
	char *argv[] = { "rdma", "link", "delete", (char *)device_name, NULL };
	pid_t pid;
	int error = posix_spawnp(&pid, "rdma", NULL, NULL, argv, environ);

	if (error)
		die("cannot run rdma: %s", strerror(error));
	return pid;
}

/* Waits until a removal that began then has ended. */
void remove_wait(pid_t remover, uint64_t began)
{
	struct line line;
	int status;

	if (waitpid(remover, &status, 0) != remover || status)
		die("rdma link delete %s: status %d", device_name, status);
	did_begin(&line, "remove", began);
	line_text(&line, "device", device_name);
	did_end(&line, true, 0);
}

/* Removes the device. */
void remove_device(void)
{
	uint64_t ns = now_ns();

	remove_wait(remove_start(), ns);
}

/*
 * Waits until a removal has come to the teardown of the ufiles, just after the
 * node in /dev is gone.
 */
void wait_for_teardown(const struct ufile *ufile)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/infiniband_verbs/%s",
		 ufile->uverbs);
	while (!access(path, F_OK))
		nap_ms(10);
	nap_ms(500);
}

/* Can this kernel reset a device? */
bool reset_possible(void)
{
	return !fixture_set("reset", "no such device") && errno != EOPNOTSUPP;
}

/* Resets the device. */
void reset_device(void)
{
	uint64_t ns = now_ns();
	bool ok = fixture_set("reset", device_name);
	int error = errno;
	struct line line;

	did_begin(&line, "reset", ns);
	line_text(&line, "device", device_name);
	did_end(&line, ok, error);
	if (!ok)
		die("cannot reset %s: %s", device_name, strerror(error));
}

/* --- memory --- */

/* Prints an operation on a range. */
static void did_range(const char *what, uint64_t ns, const void *start,
		      unsigned long pages, bool ok, int error)
{
	struct line line;

	did_begin(&line, what, ns);
	line_hex(&line, "start", (unsigned long)start);
	line_hex(&line, "end", (unsigned long)start + pages * PAGE);
	did_end(&line, ok, error);
}

/* Maps device memory; MAP_FAILED with errno if that fails. */
void *try_map(int fd, enum umapfix_kind kind, unsigned long at,
	      unsigned long pages, int prot, int flags, void *where)
{
	uint64_t ns = now_ns();
	void *start = mmap(where, pages * PAGE, prot, flags, fd,
			   UMAPFIX_OFFSET(kind, at));
	int error = errno;
	bool ok = start != MAP_FAILED;
	struct line line;

	did_begin(&line, "mmap", ns);
	if (ok) {
		line_hex(&line, "start", (unsigned long)start);
		line_hex(&line, "end", (unsigned long)start + pages * PAGE);
	}
	line_number(&line, "pages", pages);
	line_hex(&line, "pgoff", UMAPFIX_OFFSET(kind, at));
	line_hex(&line, "device_at", at);
	did_end(&line, ok, error);
	errno = error;
	return start;
}

/* Maps device memory for reading and writing. */
void *map(int fd, enum umapfix_kind kind, unsigned long at, unsigned long pages)
{
	void *start = try_map(fd, kind, at, pages, PROT_READ | PROT_WRITE,
			      MAP_SHARED, NULL);

	if (start == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return start;
}

/* Unmaps pages. */
void unmap(void *start, unsigned long pages)
{
	uint64_t ns = now_ns();

	if (munmap(start, pages * PAGE))
		die("munmap: %s", strerror(errno));
	did_range("munmap", ns, start, pages, true, 0);
}

/* Changes the protection of pages. */
void protect(void *start, unsigned long pages, int prot)
{
	uint64_t ns = now_ns();

	if (mprotect(start, pages * PAGE, prot))
		die("mprotect: %s", strerror(errno));
	did_range("mprotect", ns, start, pages, true, 0);
}

/* Finds a free range, and keeps others away from it until it is mapped over. */
void *reserve(unsigned long pages)
{
	void *start = mmap(NULL, pages * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		die("cannot reserve memory: %s", strerror(errno));
	return start;
}

/* Moves pages to another place. */
void *move(void *start, unsigned long pages)
{
	void *target = reserve(pages);
	uint64_t ns = now_ns();
	struct line line;

	if (mremap(start, pages * PAGE, pages * PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED, target) != target)
		die("mremap: %s", strerror(errno));
	did_begin(&line, "mremap", ns);
	line_hex(&line, "start", (unsigned long)start);
	line_hex(&line, "end", (unsigned long)start + pages * PAGE);
	line_hex(&line, "to", (unsigned long)target);
	did_end(&line, true, 0);
	return target;
}

static sigjmp_buf touch_failed;

/* Leaves a touch that got a signal. */
static void touch_signal(int signal)
{
	siglongjmp(touch_failed, signal);
}

/* Reads or writes one word; a signal is a result, not the end. */
static struct touch touch_word(volatile uint32_t *word, const uint32_t *value)
{
	struct sigaction ours = { .sa_handler = touch_signal }, bus, segv;
	struct touch touch = { 0, 0 };

	sigaction(SIGBUS, &ours, &bus);
	sigaction(SIGSEGV, &ours, &segv);
	touch.signal = sigsetjmp(touch_failed, 1);
	if (touch.signal)
		;
	else if (value)
		*word = touch.value = *value;
	else
		touch.value = *word;
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return touch;
}

/* Prints a touch. */
static void did_touch(const char *what, uint64_t ns, const void *address,
		      struct touch touch)
{
	struct line line;

	did_begin(&line, what, ns);
	line_hex(&line, "start", (unsigned long)address);
	line_hex(&line, "end", (unsigned long)address + sizeof(uint32_t));
	if (!touch.signal)
		line_hex(&line, "value", touch.value);
	line_bool(&line, "ok", !touch.signal);
	if (touch.signal)
		line_text(&line, "signal",
			  touch.signal == SIGBUS ? "SIGBUS" : "SIGSEGV");
	line_end(&line);
}

/* Reads a word. */
struct touch touch_read(const void *address)
{
	uint64_t ns = now_ns();
	struct touch touch = touch_word((volatile uint32_t *)address, NULL);

	did_touch("read", ns, address, touch);
	return touch;
}

/* Writes a word. */
struct touch touch_write(void *address, uint32_t value)
{
	uint64_t ns = now_ns();
	struct touch touch = touch_word(address, &value);

	did_touch("write", ns, address, touch);
	return touch;
}

/*
 * Writes value, value + 1, ... to the first word of each page, so that device
 * memory can be told from a dummy page.
 */
void mark(void *start, unsigned long pages, uint32_t value)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		if (touch_write((char *)start + i * PAGE, value + i).signal)
			die("cannot write to device memory");
}

/* --- processes --- */

/* Forks; the child runs a function and exits. */
void peer_fork(struct peer *peer, void (*run)(int sock, void *arg), void *arg)
{
	int socks[2];
	uint64_t ns = now_ns();
	struct line line;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks))
		die("socketpair: %s", strerror(errno));
	peer->pid = fork();
	if (peer->pid < 0)
		die("fork: %s", strerror(errno));
	if (!peer->pid) {
		watch_over();
		close(socks[0]);
		run(socks[1], arg);
		_exit(0);
	}
	close(socks[1]);
	peer->sock = socks[0];
	did_begin(&line, "fork", ns);
	line_number(&line, "child", peer->pid);
	did_end(&line, true, 0);
}

/* Waits until the other one has exited. */
void peer_end(struct peer *peer)
{
	uint64_t ns = now_ns();
	struct line line;
	int status;

	if (waitpid(peer->pid, &status, 0) != peer->pid || status)
		die("process %d: status 0x%x", peer->pid, status);
	close(peer->sock);
	did_begin(&line, "reap", ns);
	line_number(&line, "child", peer->pid);
	did_end(&line, true, 0);
}

/* Waits until the process at the other end of the socket is here too. */
void meet(int sock)
{
	char byte = 0;

	if (write(sock, &byte, 1) != 1 || read(sock, &byte, 1) != 1)
		die("the other process is gone");
}

/* The same, but gives up on one that does not come in time. */
bool meet_within(int sock, int ms)
{
	struct pollfd poller = { .fd = sock, .events = POLLIN };

	if (poll(&poller, 1, ms) != 1)
		return false;
	meet(sock);
	return true;
}

/* A message of one byte with room for one file descriptor. */
struct fd_message {
	char byte;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec io;
	struct msghdr message;
};

static void fd_message_init(struct fd_message *it)
{
	*it = (struct fd_message){
		.io = { &it->byte, 1 },
		.message = {
			.msg_iov = &it->io, .msg_iovlen = 1,
			.msg_control = it->control.room,
			.msg_controllen = sizeof(it->control.room),
		},
	};
}

/* Hands a file descriptor to the process at the other end. */
void fd_send(int sock, int fd)
{
	struct fd_message it;
	struct cmsghdr *header;

	fd_message_init(&it);
	header = CMSG_FIRSTHDR(&it.message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(sock, &it.message, MSG_NOSIGNAL) != 1)
		die("sendmsg: %s", strerror(errno));
}

/* Takes one that was handed over. */
int fd_receive(int sock)
{
	struct fd_message it;
	struct cmsghdr *header;
	int fd;

	fd_message_init(&it);
	if (recvmsg(sock, &it.message, MSG_CMSG_CLOEXEC) != 1)
		die("recvmsg: %s", strerror(errno));
	header = CMSG_FIRSTHDR(&it.message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		die("no descriptor came");
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}
