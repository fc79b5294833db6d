/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing into a pool of Hyper-V's key-value pairs (base/kvp.h), which is the
 * file of hv_kvp_daemon and of whoever else has something to tell the host.
 */
#ifndef NESTREADY_TRANSPORT_KVP_POOL_H
#define NESTREADY_TRANSPORT_KVP_POOL_H

#include "base/error.h"
#include "transport/mailbox.h"

/* Of guest to host; the daemon reads it anew at each question. */
#define KVP_POOL_GUEST "/var/lib/hyperv/.kvp_pool_1"

/*
 * Bytes of a report in a value: 996 letters of base64.  Azure takes at most
 * 1,022 of the 2,048 bytes (azure-init's libazureinit, src/kvp.rs).
 */
#define KVP_PIECE 747

/* Pieces of a report: 191 KB, and 655 KB of the pool. */
#define KVP_PIECES_MAX 256

/*
 * Makes the records KEY and KEY.1, KEY.2 ... stand for a mailbox; all others
 * stay as and where they are.  Whoever is killed in the middle leaves whole
 * records, and no KEY with a line.  Waits at most `wait_ms` for other writers,
 * blocking.  0: it is on disk and was read back; or -1, ERROR_UNAVAILABLE.
 */
int kvp_pool_put(const char *path, const char *key, const struct mailbox *box, unsigned wait_ms,
                 struct error *err);

#endif
