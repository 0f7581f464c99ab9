/* SPDX-License-Identifier: MIT */
/*
 * What the workloads share: arguments, the truth lines (README.md), the
 * device, memory operations that print what they did, and processes.
 */
#ifndef COMMON_H
#define COMMON_H

#include <infiniband/verbs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "../fixture/umapfix.h"

#define PAGE		4096UL
#define EXIT_SKIP	77

/* Arguments. --device, --hold and --help are understood everywhere. */
enum opt_kind { OPT_FLAG, OPT_NUMBER, OPT_TEXT };

struct opt {
	const char *name;	/* without the dashes; NULL ends the table */
	enum opt_kind kind;
	void *value;		/* bool, unsigned long or const char * */
	const char *help;
};

extern const char *device_name;		/* rxe0, or what --device says */
extern unsigned long hold_seconds;	/* how long to stay before the end */

void begin(int argc, char **argv, const char *about, const struct opt *opts);
int end(void);
int skip(const char *why);
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Truth lines: one JSON object a line, one write each. */
struct line {
	char *text;
	size_t length, room;
	bool comma;
};

uint64_t now_ns(void);
void nap_ms(unsigned int ms);
void line_begin(struct line *line, const char *truth);
void line_text(struct line *line, const char *key, const char *value);
void line_number(struct line *line, const char *key, long long value);
void line_hex(struct line *line, const char *key, unsigned long long value);
void line_ns(struct line *line, const char *key, uint64_t ns);
void line_bool(struct line *line, const char *key, bool value);
void line_open(struct line *line, const char *key, char bracket);
void line_close(struct line *line, char bracket);
void line_end(struct line *line);

void did_begin(struct line *line, const char *what, uint64_t ns);
void did_end(struct line *line, bool ok, int error);
void maps(const pid_t *pids, size_t count);

/* The device. What is opened is closed again, or lives until the process ends. */
struct ufile {
	struct ibv_context *verbs;
	int fd;
	char uverbs[64];	/* uverbs0 */
};

struct queues {
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
};

void ufile_open(struct ufile *ufile);
void ufile_close(struct ufile *ufile);
struct ibv_pd *pd_open(struct ufile *ufile);
void queues_open(struct ufile *ufile, struct queues *queues);
void queues_close(struct queues *queues);
bool fixture_set(const char *parameter, const char *value);
void fixture_need(const char *parameter, const char *value);
pid_t remove_start(void);
void remove_wait(pid_t remover, uint64_t began);
void remove_device(void);
void wait_for_teardown(const struct ufile *ufile);
bool reset_possible(void);
void reset_device(void);

/* Memory. Each prints what it did; those named try_* may fail. */
void *try_map(int fd, enum umapfix_kind kind, unsigned long at,
	      unsigned long pages, int prot, int flags, void *where);
void *map(int fd, enum umapfix_kind kind, unsigned long at, unsigned long pages);
void unmap(void *start, unsigned long pages);
void protect(void *start, unsigned long pages, int prot);
void *move(void *start, unsigned long pages);
void *reserve(unsigned long pages);

/* What a touch met: a value, or a signal. */
struct touch {
	int signal;
	uint32_t value;
};

struct touch touch_read(const void *address);
struct touch touch_write(void *address, uint32_t value);
void mark(void *start, unsigned long pages, uint32_t value);

/* Processes. */
struct peer {
	pid_t pid;
	int sock;	/* to the other one, for meet() and descriptors */
};

void peer_fork(struct peer *peer, void (*run)(int sock, void *arg), void *arg);
void peer_end(struct peer *peer);
void meet(int sock);
bool meet_within(int sock, int ms);
void fd_send(int sock, int fd);
int fd_receive(int sock);

#endif
