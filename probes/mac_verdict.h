/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an observation of the MAC experiment means: one word, and how sure it is. */
#ifndef NESTREADY_PROBES_MAC_VERDICT_H
#define NESTREADY_PROBES_MAC_VERDICT_H

#include "machine/mac.h"

enum mac_word {
	MAC_OPEN,
	MAC_NOT_APPLICABLE,
	MAC_EGRESS_OK,
	MAC_INCONCLUSIVE,
	MAC_NO_RESPONDER,
	MAC_LINK_DOWN,
	MAC_NOT_PERMITTED,
	MAC_INGRESS_FILTERED,
	MAC_EGRESS_FILTERED,
	MAC_FILTERED,
	MAC_PORT_BLOCKED,
	MAC_LOCAL_FILTER,
};

#define MAC_WORDS 12

enum mac_confidence { MAC_LOW, MAC_MEDIUM, MAC_HIGH };

struct mac_verdict {
	enum mac_word word;
	enum mac_confidence confidence;
};

const char *mac_word_name(enum mac_word word);
const char *mac_confidence_name(enum mac_confidence confidence);

struct mac_verdict mac_judge(const struct mac_observation *observation);

/*
 * The same of two interfaces on one segment (machine/mac_pair.h): at most medium
 * confidence, for no more than that segment was seen.  Not even that segment
 * when frames under the real MACs did not pass: MAC_NO_RESPONDER.
 */
struct mac_verdict mac_judge_pair(const struct mac_observation *observation);

/* Whether the other address family has nothing to add. */
bool mac_is_final(struct mac_verdict verdict);

/* The one that both families together come to. */
struct mac_verdict mac_combine(struct mac_verdict first, struct mac_verdict second);

#endif
