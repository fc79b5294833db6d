/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auto:[URL]: the place that this platform offers for a report.  Looking is a
 * handful of files; choosing is a table, and says nothing of whether somebody
 * listens there.
 */
#ifndef NESTREADY_TRANSPORT_OFFER_H
#define NESTREADY_TRANSPORT_OFFER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

#define OFFER_SCHEME "auto:"

/* What reports are called where a place has a name, and where the host listens. */
#define OFFER_KEY         "nestready.report"
#define OFFER_PORT_PREFIX "org.nestready."
#define OFFER_VSOCK_PORT  20050 /* "NR" */

struct offer {
	bool network;          /* a default route */
	bool vsock;            /* virtio's: with Hyper-V's and VMware's nobody listens by default */
	char virtio_port[128]; /* named for us, or "" */
	bool guestinfo;        /* VMware says so, and its tool is there */
	bool kvp;              /* the pool of hv_kvp_daemon */
	char serial[64];       /* a port with hardware behind it, or "" */
};

/* `root` stands in front of every path, "" but in tests. */
void offer_look(const char *root, struct offer *offer);

/*
 * The first that is offered of: network (where `url` is not ""), vsock,
 * virtio-serial, guestinfo, kvp, serial.  0; or -1, ERROR_UNAVAILABLE.
 */
int offer_choose(const struct offer *offer, const char *url, struct text *place, struct error *err);

#endif
