/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MAC experiment as a state machine: time and frames in, frames and an
 * observation out.  No I/O and no clock, so that tests and the fuzzer drive it
 * as the live machine does.  Whatever comes in, it keeps within its limits.
 *
 * A responder is found first; then rounds of forged frames are sent, each with
 * its controls last, so that an answered control proves that the port survived
 * what came before.  Rounds overlap: a slow responder costs one round trip more.
 * Once a frame was lost the order is another one (machine/mac_compose.h).
 */
#ifndef NESTREADY_MACHINE_MAC_EXPERIMENT_H
#define NESTREADY_MACHINE_MAC_EXPERIMENT_H

#include "machine/mac_frame.h"

/* All times are in microseconds on the caller's clock. */

#define MAC_LIMITED_PER_SECOND 13 /* switches that inspect ARP cut a port above 15 a second */
#define MAC_ROUNDS             32
#define MAC_TIME               30000000
#define MAC_RESPONDERS         4
#define MAC_QUEUE              16 /* frames of a round, at most */

/* When limited frames were sent, a ring; it goes on where the experiment before ended. */
struct mac_pace {
	uint64_t at[MAC_LIMITED_PER_SECOND];
	size_t count;
};

struct mac_config {
	struct mac_self self;
	struct mac_ip responder[MAC_RESPONDERS]; /* the gateway first */
	size_t responder_count;
	struct mac_ip echo; /* is pinged, and asked in the VLAN, too; all 0: the responder alone */
	bool dhcp;          /* ask for an address, too */
	struct mac_pace pace;
};

struct mac_round {
	uint64_t sent;     /* its first frame ... */
	uint64_t last;     /* ... and the latest so far */
	unsigned asked;    /* bit 1 << probe */
	unsigned answered; /* likewise */
	unsigned calls;    /* of MAC_ALIVE */
	unsigned heard;    /* and answers */
	unsigned pings;    /* of MAC_ECHO */
	unsigned pongs;
	unsigned forged_pings;
	bool over;       /* its answers are no longer waited for */
	bool suspecting; /* asks of the port nothing but whether it is shut */
};

enum mac_phase { MAC_FINDING, MAC_TRYING, MAC_SUSPECTING, MAC_DONE };

struct mac_experiment {
	struct mac_config config;
	struct mac_observation observation;
	enum mac_phase phase;
	uint64_t began;
	uint64_t now;
	size_t found_step;                 /* of the table of questions in the beginning */
	uint64_t asked_at[MAC_RESPONDERS]; /* first */
	uint64_t asked_last[MAC_RESPONDERS];
	struct mac_ip responder;
	struct mac responder_mac;
	uint64_t rtt;      /* shortest that an answer is known to have taken at most */
	uint64_t rtt_most; /* if it was the first question that was answered first */
	uint64_t wait;     /* for the answers of a round */
	struct mac_round rounds[MAC_ROUNDS];
	size_t round_count;
	bool last; /* no more rounds fit */
	uint64_t next_round;
	uint64_t forged_at;      /* the first frame from F */
	uint64_t silent_since;   /* the first round of those without an answer */
	unsigned suspect_rounds; /* sent since the controls went silent */
	bool alive_too;          /* only MAC_ALIVE is answered: every round asks it */
	bool unicasts;           /* the responder answers to one MAC */
	bool broadcasts;
	unsigned egress_hits;
	unsigned sent[MAC_PROBES];
	unsigned received[MAC_PROBES];
	unsigned failed_forged;
	unsigned failed_real;
	struct mac_pace pace;
	enum mac_probe queue[MAC_QUEUE]; /* to be sent now, or so long after each other: */
	uint64_t apart;
	uint64_t queue_due;
	size_t queue_head;
	size_t queue_count;
};

/* Whether the probe's frames come from F. */
bool mac_is_forged(enum mac_probe probe);

void mac_experiment_begin(struct mac_experiment *experiment, const struct mac_config *config,
                          uint64_t now);

/*
 * The frame that is to be sent now; its length, or 0 when there is none: then
 * wait for a frame, at most until mac_experiment_wake.
 */
size_t mac_experiment_next(struct mac_experiment *experiment, uint64_t now,
                           uint8_t frame[MAC_FRAME_MAX], enum mac_probe *probe);
uint64_t mac_experiment_wake(const struct mac_experiment *experiment);

/* It went out, at the latest now: the limit a second counts from here. */
void mac_experiment_sent(struct mac_experiment *experiment, uint64_t now, enum mac_probe probe);

/* The frame of that probe, which mac_experiment_next gave last, could not be sent. */
void mac_experiment_not_sent(struct mac_experiment *experiment, enum mac_probe probe);

/* A frame came in. */
void mac_experiment_receive(struct mac_experiment *experiment, uint64_t now, const uint8_t *frame,
                            size_t length);

/* The same of one that came with that VLAN tag. */
void mac_experiment_tagged(struct mac_experiment *experiment, unsigned vlan, const uint8_t *frame,
                           size_t length);

bool mac_experiment_done(const struct mac_experiment *experiment);

/* Afterwards: how many frames the interface counted as sent meanwhile, others' included. */
void mac_experiment_counted(struct mac_experiment *experiment, uint64_t frames);

/* The end: what was not settled is unclear. */
void mac_experiment_end(struct mac_experiment *experiment, struct mac_observation *observation);

/* What is being tried, in a few words, for people who wait. */
const char *mac_experiment_says(const struct mac_experiment *experiment);

#endif
