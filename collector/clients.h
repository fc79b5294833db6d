/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections and how long each may take.  libmicrohttpd's own timeout starts
 * again with every byte, which one byte a minute keeps alive for ever; these
 * deadlines are absolute.
 */
#ifndef NESTREADY_COLLECTOR_CLIENTS_H
#define NESTREADY_COLLECTOR_CLIENTS_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client {
	struct client *next, **link;
	int fd;
	uint64_t deadline; /* of uv_now; 0: it waits for us */
};

struct clients {
	struct client *first;
	size_t count;
};

/* A connection came; NULL on lack of memory.  It is given `ms` for its first request. */
struct client *clients_add(struct clients *clients, struct MHD_Connection *connection, uint64_t now,
                           unsigned ms);
void clients_remove(struct clients *clients, struct client *client);

/* The client of a connection; NULL when there was no memory for one. */
struct client *client_of(struct MHD_Connection *connection);

void client_allow(struct client *client, uint64_t now, unsigned ms);
void client_wait(struct client *client);

/* Ends the connections whose time is over.  How many. */
size_t clients_expire(struct clients *clients, uint64_t now);

#endif
