/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server-sent events: whoever listens is told of each report that came in, in
 * order, and after a break goes on from the last one heard (Last-Event-ID).
 * What is told comes from the store, so it does not matter who put it there.
 */
#ifndef NESTREADY_COLLECTOR_EVENTS_H
#define NESTREADY_COLLECTOR_EVENTS_H

struct exchange;
struct server;

/* There may be news: after a commit, and once a second. */
void events_look(struct server *server);

/* Says something to connections that have been silent, so that those that are gone show. */
void events_beat(struct server *server);

/* All listeners hear the end of the stream when libmicrohttpd runs next; server->ending is set. */
void events_end(struct server *server);

/* The handler of GET /v1/events. */
void route_events(struct exchange *exchange);

#endif
