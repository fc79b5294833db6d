/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each adapter of the machine port is made; see machine.h for what they are for. */
#ifndef NESTREADY_MACHINE_ADAPTERS_H
#define NESTREADY_MACHINE_ADAPTERS_H

#include "machine/machine.h"

/* How the live machine is to be asked. */
struct live_options {
	unsigned l2_deadline_ms;  /* of one L2 stage; 0 means 2000 */
	const char *l2_challenge; /* nonces of the L2 (base/transform.h); NULL: random ones */
	bool mac_allowed;         /* QUESTION_MAC may send frames */
	bool mac_dhcp;            /* and ask for an address */
	const char *mac_echo;     /* whom to ping instead of the gateway; NULL: the gateway */
	unsigned short mac_vlan;  /* to ask in, too; 0: none */
	const char *mac_spare;    /* an address that nobody has, to be a VM with; or NULL */
	/* Told what is being tried, from the thread that tries it; or NULL. */
	void (*mac_progress)(const char *nic, const char *what);
};

/* This machine.  `options` may be NULL.  NULL and *err on lack of memory. */
struct machine *machine_live_open(const struct live_options *options, struct error *err);

/* Told of every question when it is first asked, from the thread that asked; never twice for one
 * key. */
typedef void (*recorder_listener)(void *context, const char *key, const struct answer *answer);

/*
 * Asks `inner` each question once and answers repetitions from memory; two
 * threads with the same question wait for one answer.  `listener` may be NULL.
 * Takes over `inner`, also when it fails.
 */
struct machine *machine_recorder_open(struct machine *inner, recorder_listener listener,
                                      void *context, struct error *err);

/*
 * Remembers an answer that came from elsewhere than the inner machine, and
 * tells the listener, unless the question was answered before.
 */
void machine_recorder_note(struct machine *recorder, const struct question *question,
                           const struct answer *answer);

/*
 * Answers from snapshot text (schema nestready.snapshot/1).  What is not
 * recorded is `skipped`, why "not recorded"; never `absent`.
 * `name` is for messages.  The text need not outlive the call.
 */
struct machine *machine_snapshot_open(const char *name, const char *json, size_t length,
                                      struct error *err);

/* How many questions a snapshot could not answer, and the key of the first (NULL when none). */
size_t machine_snapshot_missed(struct machine *machine, const char **first_key);

#endif
