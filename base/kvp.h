/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of Hyper-V's key-value pairs as hv_kvp_daemon keeps it on disk: a
 * flat array of records, each 512 bytes of key and 2048 of value, both ended
 * by a NUL (Linux tools/hv/hv_kvp_daemon.c, uapi/linux/hyperv.h).  What stands
 * behind the NUL is left over memory of the daemon and means nothing.
 */
#ifndef NESTREADY_BASE_KVP_H
#define NESTREADY_BASE_KVP_H

#include <stddef.h>

#include "base/error.h"

#define KVP_KEY_SIZE    512  /* HV_KVP_EXCHANGE_MAX_KEY_SIZE */
#define KVP_VALUE_SIZE  2048 /* HV_KVP_EXCHANGE_MAX_VALUE_SIZE */
#define KVP_RECORD_SIZE (KVP_KEY_SIZE + KVP_VALUE_SIZE)

/* 0 when the pool is whole records with a key and a value each; else -1 and *err. */
int kvp_check(const char *pool, size_t length, struct error *err);

/* The value of a key in a pool that kvp_check approved; points into the pool.  NULL: no such key.
 */
const char *kvp_find(const char *pool, size_t length, const char *key);

#endif
