/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: posts PORT CONNECTIONS COUNT FILE [PER-SECOND]
 *
 * Posts COUNT reports made of FILE, each with an id and a host name of its own
 * (marked there by the words @ID@ and @GUEST@), over keep-alive connections to
 * loopback.  Prints reports acknowledged per second and the median and 99th
 * percentile of the time to an acknowledgement in us; with PER-SECOND it sends
 * no faster, and a late acknowledgement counts from when it should have been
 * sent.  Exit status 1 when one was not acknowledged.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define GUESTS          10000

struct load {
	const char *before, *between, *after; /* the file, cut at its marks */
	long count, sent, done, wrong;
	double interval; /* ns between two; 0: as fast as can be */
	double start;
	unsigned *taken; /* us, of each */
	unsigned long seed;
};

struct connection {
	int fd;
	double since;
	bool busy;
	size_t length;
	char answer[2048];
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int dial(unsigned short port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		perror("connect");
		exit(70);
	}
	return fd;
}

/* A report fits the buffers of a socket whole, so that this never waits. */
static void post(struct load *load, struct connection *connection)
{
	static char body[1 << 18], request[(1 << 18) + 256];
	int length = snprintf(body, sizeof body, "%s%08lx-%04lx-7%03lx-8%03lx-%012lx%sg%ld%s",
	                      load->before, load->seed & 0xffffffff, load->sent >> 24 & 0xffff,
	                      load->sent >> 12 & 0xfff, load->sent & 0xfff, load->seed >> 16,
	                      load->between, load->sent % GUESTS, load->after);
	int whole = snprintf(request, sizeof request,
	                     "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
	                     "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	                     length, body);
	connection->since =
	        load->interval > 0 ? load->start + load->interval * (double)load->sent : now();
	connection->length = 0;
	connection->busy = true;
	load->sent++;
	if (write(connection->fd, request, (size_t)whole) != whole) {
		perror("write");
		exit(70);
	}
}

/* True when the answer is whole; our answers end with the end of a JSON object and a newline. */
static bool read_answer(struct connection *connection)
{
	ssize_t count = read(connection->fd, connection->answer + connection->length,
	                     sizeof connection->answer - 1 - connection->length);
	if (count <= 0) {
		fprintf(stderr, "posts: the collector closed a connection\n");
		exit(70);
	}
	connection->length += (size_t)count;
	connection->answer[connection->length] = '\0';
	return strstr(connection->answer, "}\n") != NULL;
}

static void take(struct load *load, struct connection *connection)
{
	connection->busy = false;
	load->taken[load->done++] = (unsigned)((now() - connection->since) / 1000);
	load->wrong += strncmp(connection->answer, "HTTP/1.1 200 ", 13) != 0;
}

static bool is_due(const struct load *load)
{
	return load->sent < load->count &&
	       (load->interval <= 0 || now() >= load->start + load->interval * (double)load->sent);
}

static void run(struct load *load, struct connection *connections, int count, int epoll)
{
	struct epoll_event events[64];
	load->start = now();
	while (load->done < load->count) {
		for (int i = 0; i < count && is_due(load); i++) {
			if (!connections[i].busy)
				post(load, &connections[i]);
		}
		int ready = epoll_wait(epoll, events, 64, load->interval > 0 ? 1 : 1000);
		for (int i = 0; i < ready; i++) {
			struct connection *connection = events[i].data.ptr;
			if (!read_answer(connection))
				continue;
			take(load, connection);
			if (is_due(load))
				post(load, connection);
		}
	}
}

static int by_value(const void *a, const void *b)
{
	return (*(const unsigned *)a > *(const unsigned *)b) -
	       (*(const unsigned *)a < *(const unsigned *)b);
}

/* Cuts the text at a mark; what follows it. */
static char *cut(char *text, const char *mark)
{
	char *at = strstr(text, mark);
	if (at == NULL) {
		fprintf(stderr, "posts: no %s in the file\n", mark);
		exit(64);
	}
	*at = '\0';
	return at + strlen(mark);
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	static char text[1 << 17];
	FILE *file = argc < 5 ? NULL : fopen(argv[4], "re");
	int count = argc < 5 ? 0 : atoi(argv[2]);
	if (file == NULL || count < 1 || count > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: posts PORT CONNECTIONS COUNT FILE [PER-SECOND]\n");
		return 64;
	}
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	struct load load = { .before = text, .count = atol(argv[3]), .seed = (unsigned long)now() };
	char *rest = cut(text, "@ID@");
	load.between = rest;
	load.after = cut(rest, "@GUEST@");
	load.interval = argc > 5 ? 1e9 / atof(argv[5]) : 0;
	load.taken = calloc((size_t)load.count, sizeof *load.taken);
	int epoll = epoll_create1(0);
	for (int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &connections[i] };
		connections[i].fd = dial((unsigned short)atoi(argv[1]));
		epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
	}
	run(&load, connections, count, epoll);
	double seconds = (now() - load.start) / 1e9;
	qsort(load.taken, (size_t)load.count, sizeof *load.taken, by_value);
	printf("%.0f %u %u\n", (double)load.count / seconds, load.taken[load.count / 2],
	       load.taken[load.count * 99 / 100]);
	return load.wrong == 0 ? 0 : 1;
}
