/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where reports are kept: a table of functions, so that a collector knows no
 * database.  A handle belongs to one thread at a time; several may be open on
 * the same store, in several processes too.  All times are milliseconds since
 * 1970.
 */
#ifndef NESTREADY_COLLECTOR_STORE_H
#define NESTREADY_COLLECTOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "collector/intake.h"
#include "collector/standing.h"

enum store_mode {
	STORE_READ,     /* no change through this handle */
	STORE_WRITE,    /* made when it is not there */
	STORE_MAINTAIN, /* must be there */
};

enum store_outcome {
	STORE_NEW,   /* kept */
	STORE_SAME,  /* these very bytes were there already */
	STORE_OTHER, /* the id was there with other bytes, which stay */
};

/* What became of one report of a batch. */
struct store_receipt {
	enum store_outcome outcome;
	int64_t seq;  /* its place in the order of arrival */
	bool changed; /* it says something else than the last one of its guest for its target */
};

/* A guest says that a report still holds. */
struct store_heard {
	char guest[INTAKE_GUEST_SIZE], report[37];
	char target[INTAKE_NAME_MAX + 1], verdict[INTAKE_NAME_MAX + 1];
	bool known; /* what became of it: that is the guest's newest report for the target */
};

/* A report without its body. */
struct store_report {
	const char *id;
	const char *guest, *lab, *name, *hostname;
	const char *platform, *target, *verdict, *basis, *agent;
	int64_t seq, time, received;
	bool changed;
	struct standing standing; /* of a newest report; else all "" and 0 */
};

/* A finding, and on how many guests it has this outcome. */
struct store_count {
	const char *target, *finding, *outcome, *severity;
	const char *gap; /* "" for none */
	int64_t guests;
};

/* A gap, and how many guests have it. */
struct store_gap {
	const char *target, *gap;
	int64_t guests;
};

/* How many guests are alike in these. */
struct store_group {
	const char *platform, *target, *verdict;
	int64_t guests, stale;
};

/* Guests that are alike in one of their traits (collector/standing.h). */
struct store_cohort {
	int trait; /* enum trait, or STORE_ALL_GUESTS */
	const char *value;
	int64_t guests, ready, degraded, not_ready, indeterminate, stale;
};

#define STORE_ALL_GUESTS (-1)

/* Guests that are not-ready and were ready or degraded once, by a trait that changed meanwhile. */
struct store_loss {
	int trait; /* TRAIT_COUNT: of those in which none did */
	const char *before, *after;
	int64_t guests;
	int64_t first, last; /* when it was lost */
};

struct store_token {
	const char *id;
	const char *hash; /* of the secret, hexadecimal */
	const char *scope;
	const char *lab, *name; /* of a guest; "" for any */
	const char *note;
	int64_t created, revoked; /* 0: never */
};

/*
 * Whatever else a collector remembers: JSON that the store keeps and does not look into, by kind
 * and key.  Both are UTF-8 without U+10FFFF (no character); a key is not empty, and keys are
 * ordered by their bytes.
 */
struct store_document {
	const char *kind, *key;
	int64_t version; /* 1 when it is made, one more with each change */
	int64_t updated;
	const char *body;
	size_t length;
};

#define STORE_ANY_VERSION (-1)

/* A change of one document. */
struct store_put {
	const char *kind, *key;
	int64_t expected; /* the version that it replaces; 0: there is none; or STORE_ANY_VERSION */
	const char *body; /* NULL: it is removed */
	size_t length;
};

/* A line of the log of what people changed, which only grows. */
struct store_audit {
	int64_t seq, time; /* the store's */
	const char *who;   /* a token's id, or what else it was */
	const char *what;  /* a word */
	const char *kind, *key;
	const char *note;
};

/* NULL or "" in a member leaves it open. */
struct store_filter {
	const char *platform, *target, *verdict, *lab, *guest;
	int64_t received_before; /* 0: open */
	int64_t received_since;
	const char *gap; /* of lists of newest reports alone: one that a finding of it has */
};

/* Each is called per row; what it is given lives until it returns.  Other than 0 ends the query. */
typedef int (*store_take_report)(void *context, const struct store_report *row);
typedef int (*store_take_count)(void *context, const struct store_count *row);
typedef int (*store_take_gap)(void *context, const struct store_gap *row);
typedef int (*store_take_group)(void *context, const struct store_group *row);
typedef int (*store_take_loss)(void *context, const struct store_loss *row);
typedef int (*store_take_cohort)(void *context, const struct store_cohort *row);
typedef int (*store_take_token)(void *context, const struct store_token *row);
typedef int (*store_take_document)(void *context, const struct store_document *row);
typedef int (*store_take_audit)(void *context, const struct store_audit *row);
typedef int (*store_take_body)(void *context, const char *body, size_t length);

/* The first member of what an implementation opens. */
struct store {
	const struct store_type *type;
	const char *place; /* what to call it: its URL without a password */
};

/*
 * All return 0, or -1 and *err: ERROR_NO_INPUT when it is not there, ERROR_BAD_INPUT when it is no
 * store or broken, ERROR_UNAVAILABLE when trying again may help (full, locked, unreachable).
 */
struct store_type {
	const char *scheme; /* what a URL of it begins with, the colon included */
	int (*open)(const char *place, enum store_mode mode, struct store **store,
	            struct error *err);
	void (*close)(struct store *store);

	/* All of the batch is on disk when it returns 0, and none of it otherwise. */
	int (*ingest)(struct store *store, const struct intake *const *batch, size_t count,
	              int64_t now, struct store_receipt *receipts, struct error *err);

	/*
	 * Moves when these guests were last heard of, for reports that are the newest of their
	 * guest and target and have that verdict; all on disk when it returns 0, or none.
	 */
	int (*heard)(struct store *store, struct store_heard *const *batch, size_t count,
	             int64_t now, struct error *err);

	/*
	 * The newest report of each guest for each target, by guest and target, beyond those of
	 * the cursor (NULL or "": from the start).
	 */
	int (*latest)(struct store *store, const struct store_filter *filter,
	              const char *after_guest, const char *after_target, unsigned limit,
	              store_take_report take, void *context, struct error *err);
	/* Reports older than `before` (0: from the newest on), newest first. */
	int (*history)(struct store *store, const char *guest, int64_t before, unsigned limit,
	               store_take_report take, void *context, struct error *err);
	/* Reports newer than `after`, oldest first; `changes`: only those that changed something.
	 */
	int (*since)(struct store *store, const struct store_filter *filter, int64_t after,
	             bool changes, unsigned limit, store_take_report take, void *context,
	             struct error *err);
	/* The last place in the order of arrival, 0 when nothing came yet. */
	int (*last)(struct store *store, int64_t *seq, struct error *err);
	/* The body of one report; `take` is not called when there is none. */
	int (*body)(struct store *store, const char *id, store_take_body take, void *context,
	            struct error *err);
	/* Findings of the newest reports, those that pass left out unless asked for. */
	int (*findings)(struct store *store, const struct store_filter *filter, bool all,
	                store_take_count take, void *context, struct error *err);
	/* Gaps of the newest reports, the most frequent first. */
	int (*gaps)(struct store *store, const struct store_filter *filter, store_take_gap take,
	            void *context, struct error *err);
	/* Guests of which nothing was received since `stale` are counted as such. */
	int (*overview)(struct store *store, int64_t stale, store_take_group take, void *context,
	                struct error *err);
	/*
	 * All guests that fit, and then by each of these traits (bits) those that are alike; no row
	 * is kept in memory.
	 */
	int (*cohorts)(struct store *store, const struct store_filter *filter, int64_t stale,
	               unsigned traits, store_take_cohort take, void *context, struct error *err);
	/* One guest is in as many rows as traits of it changed; in no order. */
	int (*losses)(struct store *store, const struct store_filter *filter, store_take_loss take,
	              void *context, struct error *err);

	int (*token_add)(struct store *store, const struct store_token *token, struct error *err);
	/* *found: there is one that was not revoked before. */
	int (*token_revoke)(struct store *store, const char *id, int64_t now, bool *found,
	                    struct error *err);
	int (*tokens)(struct store *store, store_take_token take, void *context, struct error *err);

	/*
	 * Changes all of these documents and adds a line to the log (NULL: none), or changes
	 * nothing. *done: every version was the expected one; a document that is to be removed and
	 * is not there counts as version 0.
	 */
	int (*documents_put)(struct store *store, const struct store_put *puts, size_t count,
	                     const struct store_audit *audit, int64_t now, bool *done,
	                     struct error *err);
	/* 0 when there is none. */
	int (*document_version)(struct store *store, const char *kind, const char *key,
	                        int64_t *version, struct error *err);
	/* `take` is not called when there is none. */
	int (*document)(struct store *store, const char *kind, const char *key,
	                store_take_document take, void *context, struct error *err);
	/* Those whose key begins with `prefix` and is beyond `after` (NULL or "": all), by key. */
	int (*documents)(struct store *store, const char *kind, const char *prefix,
	                 const char *after, unsigned limit, store_take_document take, void *context,
	                 struct error *err);
	/* Those whose key begins with any of these, none of which begins with another; in no order.
	 */
	int (*documents_of)(struct store *store, const char *kind, const char *const *prefixes,
	                    size_t count, store_take_document take, void *context,
	                    struct error *err);
	/* Lines of the log beyond `after`, of keys that begin with `prefix`, oldest first. */
	int (*audits)(struct store *store, const char *kind, const char *prefix, int64_t after,
	              unsigned limit, store_take_audit take, void *context, struct error *err);

	/* Removes what was received before `before`, but never the newest report of a guest. */
	int (*prune)(struct store *store, int64_t before, int64_t *removed, struct error *err);
	/* A copy as of one moment, while others write. */
	int (*backup)(struct store *store, const char *path, struct error *err);
};

/* Opens a store by its URL (sqlite:PATH, postgresql://...). */
int store_open(const char *url, enum store_mode mode, struct store **store, struct error *err);

/* NULL is allowed. */
void store_close(struct store *store);

extern const struct store_type store_sqlite;
extern const struct store_type store_postgresql; /* where it was built with libpq */

#endif
