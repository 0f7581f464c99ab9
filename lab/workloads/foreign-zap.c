/* SPDX-License-Identifier: MIT */
/* Has a driver that is not RDMA's (the fixture's foreign module) zap its VMA, COUNT times. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 7;
	int fd = open("/dev/foreign", O_RDWR);
	volatile char *page;

	if (fd < 0 || count < 1) {
		fprintf(stderr, "usage: foreign-zap COUNT    (insmod /lab/build/foreign.ko first)\n");
		return 1;
	}
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (int i = 0; i < count; i++) {
		if (write(fd, "z", 1) != 1) {
			perror("write");
			return 1;
		}
	}
	printf("{\"truth\":\"foreign\",\"zaps\":%d}\n", count);
	return 0;
}
