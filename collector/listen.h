/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address that a collector listens on. */
#ifndef NESTREADY_COLLECTOR_LISTEN_H
#define NESTREADY_COLLECTOR_LISTEN_H

#include <stdbool.h>

#include "base/error.h"

#define LISTEN_NAME_SIZE 80

/*
 * Opens a socket on HOST:PORT ([HOST]:PORT for IPv6, port 0 for any that is free) and writes the
 * address that it became to `name`.  *loopback: only this machine can reach it.  The socket or -1.
 */
int listen_open(const char *address, char name[LISTEN_NAME_SIZE], bool *loopback,
                struct error *err);

#endif
