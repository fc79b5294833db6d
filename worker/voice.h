/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one probe says on the wire: begin, facts, end.  Facts are let through
 * only as declared, since the agent believes what a probe says about itself.
 */
#ifndef NESTREADY_WORKER_VOICE_H
#define NESTREADY_WORKER_VOICE_H

#include "probes/probe.h"
#include "worker/outbox.h"

struct voice {
	struct fact_sink sink; /* first: where the probe puts its facts */
	struct outbox *outbox;
	const struct probe *probe;
	uint64_t began;  /* uv_hrtime */
	char fault[128]; /* "", or the first thing that the probe did wrong */
};

/* Says begin. */
void voice_begin(struct voice *voice, struct outbox *outbox, const struct probe *probe);

/* Says every declared fact, names with a `*` left out, without a value. */
void voice_nothing(struct voice *voice, enum status status, const char *why);

/* Whether the probe declares that fact. */
bool voice_declares(const struct probe *probe, const char *key);

/* Says end; `status` gives way to `failed` when the probe did something wrong. */
void voice_end(struct voice *voice, enum status status, const char *why);

#endif
