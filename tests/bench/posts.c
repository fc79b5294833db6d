/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: posts PORT CONNECTIONS COUNT FILE [PER-SECOND]
 *
 * Posts COUNT reports made of FILE, in which @ID@ stands for an id of each and
 * @GUEST@ for a word of each of 10,000 guests, over keep-alive connections to
 * loopback.  Prints reports acknowledged per second, the median and 99th
 * percentile of the time to an acknowledgement in us, and the 99th percentile
 * of how late it was itself; with PER-SECOND it sends no faster, and a late
 * acknowledgement counts from when it should have been sent.  Late itself is
 * what was not sent when it was due although a connection was free: then this
 * program got no processor.  Exit status 1 when one was not acknowledged.
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
#define ID              "@ID@"
#define GUEST           "@GUEST@"

struct load {
	const char *text; /* the file */
	long count, sent, done, wrong;
	double interval; /* ns between two; 0: as fast as can be */
	double start;
	unsigned *taken, *late; /* us, of each */
	unsigned long seed;
};

struct connection {
	int fd;
	double since, free; /* when it was sent, or should have been; when the last answer came */
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

/* The file with its marks replaced; its length. */
static size_t fill(const struct load *load, char *to)
{
	char id[40], guest[24];
	const char *at = load->text, *mark;
	const char *begin = to;
	snprintf(id, sizeof id, "%08lx-%04lx-7%03lx-8%03lx-%012lx", load->seed & 0xffffffff,
	         load->sent >> 24 & 0xffff, load->sent >> 12 & 0xfff, load->sent & 0xfff,
	         load->seed >> 16 & 0xffffffffffff);
	snprintf(guest, sizeof guest, "g%ld", load->sent % GUESTS);
	for (; (mark = strchr(at, '@')) != NULL; at = mark) {
		bool is_id = strncmp(mark, ID, sizeof ID - 1) == 0;
		bool is_guest = strncmp(mark, GUEST, sizeof GUEST - 1) == 0;
		to = mempcpy(to, at, (size_t)(mark - at));
		to = stpcpy(to, is_id ? id : is_guest ? guest : "@");
		mark += is_id ? sizeof ID - 1 : is_guest ? sizeof GUEST - 1 : 1;
	}
	return (size_t)(stpcpy(to, at) - begin);
}

/* A report fits the buffers of a socket whole, so that this never waits. */
static void post(struct load *load, struct connection *connection)
{
	static char body[1 << 18], request[(1 << 18) + 256];
	const double begin = now();
	size_t length = fill(load, body);
	int whole = snprintf(request, sizeof request,
	                     "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
	                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	                     length, body);
	connection->since =
	        load->interval > 0 ? load->start + load->interval * (double)load->sent : begin;
	double able = connection->free > connection->since ? connection->free : connection->since;
	load->late[load->sent] = (unsigned)((begin - able) / 1000);
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
	connection->free = now();
	load->taken[load->done++] = (unsigned)((connection->free - connection->since) / 1000);
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

/* Of `count` values that were sorted: what so many percent are not above. */
static unsigned percentile(const unsigned *values, long count, long percent)
{
	return values[count * percent / 100];
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
	struct load load = { .text = text, .count = atol(argv[3]), .seed = (unsigned long)now() };
	load.interval = argc > 5 ? 1e9 / atof(argv[5]) : 0;
	load.taken = calloc((size_t)load.count, sizeof *load.taken);
	load.late = calloc((size_t)load.count, sizeof *load.late);
	int epoll = epoll_create1(0);
	for (int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &connections[i] };
		connections[i].fd = dial((unsigned short)atoi(argv[1]));
		epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
	}
	run(&load, connections, count, epoll);
	double seconds = (now() - load.start) / 1e9;
	qsort(load.taken, (size_t)load.count, sizeof *load.taken, by_value);
	qsort(load.late, (size_t)load.count, sizeof *load.late, by_value);
	printf("%.0f %u %u %u\n", (double)load.count / seconds,
	       percentile(load.taken, load.count, 50), percentile(load.taken, load.count, 99),
	       percentile(load.late, load.count, 99));
	return load.wrong == 0 ? 0 : 1;
}
