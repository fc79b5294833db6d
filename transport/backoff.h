/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before the next attempt: anything between nothing and a
 * bound that doubles ("full jitter", AWS Architecture Blog, Exponential Backoff
 * And Jitter, 2015), so that guests that failed together do not come back together.
 */
#ifndef NESTREADY_TRANSPORT_BACKOFF_H
#define NESTREADY_TRANSPORT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS   (15 * 60 * 1000)

/* After so many failures in a row (from 1 on); `random` is any number. */
uint64_t backoff_ms(unsigned failures, uint64_t random);

/* When the other side asked for so many seconds: not sooner, at most an hour, and spread a little.
 */
uint64_t backoff_asked_ms(unsigned seconds, uint64_t random);

#endif
