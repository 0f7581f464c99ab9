// SPDX-License-Identifier: MIT
// The guest's process 1 once it is set up: runs what the host asks for over a virtio port.
//
// A frame, in both directions: type (1 byte), job (4), length (4, little endian), payload.
//   host to guest: R argv, each word ended by NUL; K one byte, the signal for the job's session
//   guest to host: H text, "ok" or what went wrong in the set-up; O, E output; X wait status (4)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS 64
#define WORDS 1024

struct job {
	uint32_t id;
	pid_t pid; // 0: has ended, but something it started still holds its output
	int out[2]; // read ends of stdout and stderr, or -1
	int used;
};

static struct job jobs[JOBS];
static int port;

static void fail(const char *what)
{
	fprintf(stderr, "lab agent: %s: %s\n", what, strerror(errno));
	exit(1); // the kernel panics when process 1 ends, and the host sees that
}

static void write_all(const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		ssize_t n = write(port, at, length);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			fail("write");
		if (n > 0) {
			at += n;
			length -= n;
		}
	}
}

static void read_all(void *data, size_t length)
{
	char *at = data;

	while (length > 0) {
		ssize_t n = read(port, at, length);

		if (n < 0 && errno != EINTR)
			fail("read");
		if (n == 0)
			usleep(20000); // the host has not opened its end
		if (n > 0) {
			at += n;
			length -= n;
		}
	}
}

static void send_frame(char type, uint32_t id, const void *data, uint32_t length)
{
	char head[9];

	head[0] = type;
	memcpy(head + 1, &id, 4);
	memcpy(head + 5, &length, 4);
	write_all(head, sizeof(head));
	write_all(data, length);
}

// Passes on what is in a pipe; without end the pipe is read once, else until it is empty.
static void pass_on(struct job *job, int which, int until_empty)
{
	char data[65536];

	while (job->out[which] >= 0) {
		ssize_t n = read(job->out[which], data, sizeof(data));

		if (n > 0) {
			send_frame(which == 0 ? 'O' : 'E', job->id, data, n);
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		} else {
			close(job->out[which]);
			job->out[which] = -1;
		}
		if (!until_empty)
			return;
	}
}

static void release(struct job *job)
{
	if (job->pid == 0 && job->out[0] < 0 && job->out[1] < 0)
		job->used = 0;
}

static void send_status(uint32_t id, uint32_t status)
{
	send_frame('X', id, &status, 4);
}

static void become(char **argv, int out, int err)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvp(argv[0], argv);
	dprintf(2, "lab: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void run(uint32_t id, char *payload, uint32_t length)
{
	char *argv[WORDS + 1];
	int count = 0, out[2], err[2];
	struct job *job = jobs;

	for (char *word = payload; word < payload + length && count < WORDS; word += strlen(word) + 1)
		argv[count++] = word;
	argv[count] = NULL;
	while (job < jobs + JOBS && job->used)
		job++;
	if (count == 0 || job == jobs + JOBS || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		send_status(id, 126 << 8);
		return;
	}
	*job = (struct job){ .id = id, .out = { out[0], err[0] }, .used = 1 };
	job->pid = fork();
	if (job->pid == 0)
		become(argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	if (job->pid < 0) {
		job->pid = 0;
		send_status(id, 126 << 8);
	}
}

static void stop(uint32_t id, int signal)
{
	for (struct job *job = jobs; job < jobs + JOBS; job++)
		if (job->used && job->id == id && job->pid > 0)
			kill(-job->pid, signal);
}

static void obey(void)
{
	char head[9];
	uint32_t id, length;
	char *payload;

	read_all(head, sizeof(head));
	memcpy(&id, head + 1, 4);
	memcpy(&length, head + 5, 4);
	payload = calloc(1, length + 1);
	if (!payload)
		fail("calloc");
	read_all(payload, length);
	if (head[0] == 'R')
		run(id, payload, length);
	else if (head[0] == 'K')
		stop(id, payload[0]);
	free(payload);
}

// As process 1 the agent inherits every orphan too.
static void reap(int signals)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct job *job = jobs; job < jobs + JOBS; job++) {
			if (!job->used || job->pid != pid)
				continue;
			pass_on(job, 0, 1);
			pass_on(job, 1, 1);
			send_status(job->id, status);
			job->pid = 0;
			release(job);
		}
	}
}

static int watch(struct pollfd *fds, struct job **owners)
{
	int count = 2;

	for (struct job *job = jobs; job < jobs + JOBS; job++) {
		for (int which = 0; job->used && which < 2; which++) {
			if (job->out[which] < 0)
				continue;
			fds[count] = (struct pollfd){ .fd = job->out[which], .events = POLLIN };
			owners[count++] = job;
		}
	}
	return count;
}

int main(int argc, char **argv)
{
	struct pollfd fds[2 + 2 * JOBS];
	struct job *owners[2 + 2 * JOBS];
	const char *hello = argc > 2 ? argv[2] : "ok";
	sigset_t set;

	port = open(argc > 1 ? argv[1] : "", O_RDWR | O_CLOEXEC);
	if (port < 0)
		fail("cannot open the virtio port");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[0] = (struct pollfd){ .fd = port, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .events = POLLIN };
	send_frame('H', 0, hello, strlen(hello));
	for (;;) {
		int count = watch(fds, owners);

		if (poll(fds, count, -1) < 0 && errno != EINTR)
			fail("poll");
		for (int i = 2; i < count; i++) {
			if (fds[i].revents) {
				pass_on(owners[i], fds[i].fd == owners[i]->out[1], 0);
				release(owners[i]);
			}
		}
		if (fds[1].revents)
			reap(fds[1].fd);
		if (fds[0].revents & POLLIN)
			obey();
		else if (fds[0].revents & POLLHUP)
			usleep(20000);
	}
}
