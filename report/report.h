/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run: facts in, verdict out.  Pure; formats turn a report into text.
 */
#ifndef NESTREADY_REPORT_REPORT_H
#define NESTREADY_REPORT_REPORT_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "report/fact.h"
#include "report/knowledge.h"

#define REPORT_SCHEMA "nestready.report/1"

enum outcome {
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_UNKNOWN,
	OUTCOME_ERROR,
	OUTCOME_NOT_APPLICABLE,
	OUTCOME_NOT_CHECKED,
};

enum verdict { VERDICT_READY, VERDICT_DEGRADED, VERDICT_NOT_READY, VERDICT_INDETERMINATE };

enum basis { BASIS_PROVEN, BASIS_FLAGS, BASIS_IMPORTED };

const char *outcome_name(enum outcome outcome);
const char *verdict_name(enum verdict verdict);
const char *basis_name(enum basis basis);
const char *severity_name(enum severity severity);
const char *phase_name(enum phase phase);
const char *confidence_name(enum confidence confidence);

struct finding {
	const struct requirement *requirement;
	enum outcome outcome;
	const char *gap;     /* id, when failed; else NULL */
	const char *because; /* why not-applicable, not-checked, unknown, error; else NULL */
	bool required;       /* by the caller, whatever the target says */
};

/* A target has at most so many groups; tools/knowledge-compile rejects more. */
#define JUDGMENT_GROUPS 16

/* The judgment of one target. */
struct judgment {
	const struct target *target;
	enum verdict verdict;
	enum basis basis;
	struct finding *findings; /* one per requirement, in the target's order */
	size_t finding_count;
	const char *not_proven[JUDGMENT_GROUPS]; /* groups, each once, in the target's order */
	size_t not_proven_count;
};

/* The platform underneath, as recognised from facts. */
struct identification {
	const struct platform *platform; /* NULL: unknown */
	enum confidence confidence;
	const char *evidence[8];
	size_t evidence_count;
};

/* How one probe fared; kept in the order in which probes ended. */
struct probe_outcome {
	char id[32];
	enum status status;
	char why[96];
	uint64_t duration_us;
};

#define GUEST_MARK_SIZE 33 /* 32 hexadecimal digits */
#define GUEST_MACS      16

struct guest_identity {
	char hostname[65];
	char system_uuid[37];
	char boot_id[37];
	char machine_id[GUEST_MARK_SIZE]; /* a digest, or "" */
	char macs[GUEST_MACS][GUEST_MARK_SIZE];
	size_t mac_count;
};

struct report {
	char id[37];   /* UUIDv7 */
	char time[32]; /* RFC 3339, UTC */
	const char *agent_version;
	enum phase phase;     /* what the check was for */
	bool require_network; /* as in struct judging */
	/* How many reports of this guest its spool ever had to drop. */
	uint64_t spool_dropped;
	const char *challenge; /* what a collector gave out for this run, or NULL */
	struct guest_identity guest;
	struct identification platform;
	struct judgment judgment; /* of the target that was asked for */
	struct judgment *others;  /* of all other targets */
	size_t other_count;
	struct probe_outcome *probes;
	size_t probe_count;
	struct fact_set *facts; /* owned */
};

/*
 * Judges one target.  0, or -1 on lack of memory.  Clear with judgment_clear.
 *
 * not-ready: a required finding failed.  Else indeterminate: a required one is
 * unknown, error or not-checked (with may_skip only error).  Else degraded: a
 * recommended one failed.  Else ready.  A finding whose superseding one passed
 * is not-applicable.
 *
 * Targets share rows of knowledge_requirements: with `shared`, a zeroed finding
 * for each of those rows, what one of them found is not looked for again.  It
 * holds for these facts alone; NULL for a target of other rows.
 */
struct judging {
	bool imported;
	enum phase phase;     /* what matters only to the other one does not apply */
	bool require_network; /* VMs must reach the network: recommended becomes required */
	struct finding *shared;
};

int judge(const struct target *target, const struct fact_set *facts, const struct judging *how,
          struct judgment *judgment, struct error *err);
void judgment_clear(struct judgment *judgment);

/* One requirement alone, whatever else its target asks for; `because` may point into the facts. */
void judge_requirement(const struct requirement *requirement, const struct fact_set *facts,
                       struct finding *finding);

/* Recognises the platform underneath: highest confidence first, then rank. */
void identify_platform(const struct fact_set *facts, struct identification *identification);

/* What a finding does to the verdict. */
enum bearing {
	BEARING_NONE,     /* passed, does not apply, or no matter */
	BEARING_STOPS,    /* required and failed */
	BEARING_HOLDS_UP, /* required and not decided */
	BEARING_DEGRADES, /* recommended and failed */
};

/* The finding that judging.require_network is about. */
#define FINDING_NETWORK "net.mac-filter"

/* Neither yes nor no came of it, and it applies. */
bool outcome_is_untested(enum outcome outcome);

/* What is known of a finding, whatever the target; NULL: nothing. */
const struct finding_page *finding_page_of(const struct finding *finding);

/* The finding with that id; NULL when the target does not ask for it. */
const struct finding *judgment_finding(const struct judgment *judgment, const char *id);

/* Its requirement's, unless the caller requires it. */
enum severity finding_severity(const struct finding *finding);

enum bearing finding_bearing(const struct finding *finding);

/* Why a finding without a bearing is no pass: "does not apply: ..."; nothing for a pass. */
void finding_aside(const struct finding *finding, struct text *out);

/* What stands in the way, in one short phrase; NULL when the verdict is ready. */
const char *judgment_reason(const struct judgment *judgment);

/* The target that is installed in this guest; knowledge_target("kvm") when none is. */
const struct target *default_target(const struct fact_set *facts);

/*
 * Adds what knowledge says of the platform, so that conditions can ask for it:
 * platform.id (absent when unknown), platform.confidence, and for each target
 * platform.support.TARGET ("unknown" when its matrix has no such entry).  0 or -1.
 */
#define DERIVED_PLATFORM   "platform.id"
#define DERIVED_CONFIDENCE "platform.confidence"
#define DERIVED_SUPPORT    "platform.support."

int derive_facts(const struct identification *platform, struct fact_set *facts);

/*
 * Fills platform, judgment and others of a report whose facts are there, and
 * adds the derived facts.  `target` NULL means default_target.  0 or -1.
 */
int report_judge(struct report *report, const struct target *target, bool imported,
                 struct error *err);
void report_clear(struct report *report);

/* 0 ready, 1 degraded, 2 not-ready, 3 indeterminate. */
int verdict_exit_status(enum verdict verdict);

/* How a format is to be written. */
struct format_options {
	bool colour;
	unsigned columns; /* of the terminal; 80 when unknown */
	unsigned rows;
	const char *tool;     /* preferred remedy tool, or NULL */
	bool compact;         /* one line, where the format allows that */
	bool accept_degraded; /* degraded is as good as ready */
	bool root;            /* the run had root's rights: do not advise sudo */
	/* What "nestready", and "nestready" without a command, are to read in advice; NULL: that.
	 */
	const char *program; /* as it was called: "build/nestready" */
	const char *again;   /* this check again: "build/nestready --target proxmox" */
};

/* One output format: one file report/format_NAME.c that defines it, one line in the table. */
struct format {
	const char *name;
	const char *help;
	bool whole; /* nothing of the report is left out */
	void (*write)(const struct report *report, const struct format_options *options,
	              struct text *out);
	/* Says that there is no report; NULL: standard error and the exit status do.  Whoever
	 * reads this format then knows no exit status but those of verdicts. */
	void (*write_error)(const char *message, struct text *out);
};

extern const struct format *const format_table[]; /* ends with NULL */
const struct format *format_find(const char *name);

#endif
