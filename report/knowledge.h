/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nestready knows, as the structures that the files under knowledge/ are
 * compiled into.  The files are the truth; their schemas (schema/) say what
 * each member means.  Lists of structures end with an entry whose id is NULL.
 */
#ifndef NESTREADY_REPORT_KNOWLEDGE_H
#define NESTREADY_REPORT_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "report/condition.h"

enum severity { SEVERITY_REQUIRED, SEVERITY_RECOMMENDED, SEVERITY_INFORMATIONAL };

struct finding_page;

/* When a requirement matters: PHASE_BOTH is every check that was not told --for. */
enum phase { PHASE_BOTH, PHASE_INSTALL, PHASE_RUN };

/* Names a gap for a failed requirement; the first choice whose condition is true is taken. */
struct gap_choice {
	const char *gap;
	const struct condition *when; /* NULL: always */
};

struct requirement {
	const char *id;                  /* of the finding: "cpu.slat" */
	const struct finding_page *page; /* of that id; NULL: to be looked for by it */
	enum severity severity;
	const char *group; /* "cpu", "slat", "network": the line it folds into, the word in
	                      not_proven */
	const char *title; /* what must be so: "EPT or NPT (SLAT) is exposed" */
	const char *why;   /* what happens otherwise */
	const struct condition *applies; /* NULL: always.  False: not-applicable */
	const char *applies_why;         /* said when it does not apply */
	const struct condition *condition;
	bool uncertain;   /* that the target requires it was not checked: said so to the reader */
	enum phase phase; /* it matters only to the installation, or only once installed */
	bool proves;      /* a pass makes the verdict's basis `proven` */
	bool may_skip;    /* unknown or not-checked holds up no verdict: the others decide */
	const char *superseded_by;  /* a requirement's id, or NULL */
	const char *superseded_why; /* said when that one passed */
	const struct gap_choice *gaps;
	size_t gap_count;
	const char *source; /* where the requirement comes from */
};

/* How well this target does on one platform by reports and by its vendors' word. */
struct matrix_entry {
	const char *platform; /* id */
	const char *support;  /* "supported", "works", "conditional", "broken", "unknown" */
	const char *note;     /* one line, or NULL */
	bool uncertain;       /* one weak report, or none that agree: said so to the reader */
	const char *source;
};

struct target {
	const char *id;
	const char *const *aliases; /* ends with NULL: what else it may be asked for by */
	unsigned number;            /* in short codes (report/code.h): never another target's */
	const char *title;
	const char *family;                /* "kvm", "esxi", "hyperv" */
	bool in_codes;                     /* short codes tell of it whatever was asked for */
	const struct condition *installed; /* true: this guest is that target.  NULL: never */
	int installed_rank; /* among installed targets the highest one is the default */
	const struct requirement *const *requirements; /* rows of knowledge_requirements */
	size_t requirement_count;
	const struct matrix_entry *matrix;
	size_t matrix_count;
};

/* One way to close a gap on one platform. */
struct remedy {
	const char *tool;          /* "govc", "powercli", "gui", "virsh" ... */
	const char *who;           /* "ESXi administrator" */
	const char *const *steps;  /* ends with NULL: commands, or sentences for a GUI */
	bool power_off;            /* the VM must be powered off and on; a reboot is not enough */
	const char *downtime;      /* what stops where it is not just the VM, or NULL */
	const char *const *verify; /* ends with NULL */
	const char *const *undo;   /* ends with NULL; one sentence when there is no undo */
	const char *cost;          /* security or other cost, or NULL */
	const struct condition *when; /* where this is the one to show; NULL: where no other is */
	bool uncertain;               /* not verified against the product: said so to the reader */
	const char *source;
};

struct platform_gap {
	const char *gap;
	const char *title;   /* where the gap's own does not fit; or NULL */
	const char *summary; /* this gap in this product's words: "hidden from this VM by ESXi" */
	const struct condition *when;  /* the entry holds where this is true; NULL: always */
	const char *where;             /* `when` in words; NULL with it */
	const struct remedy *remedies; /* the first one is shown, the others under explain */
	size_t remedy_count;           /* 0: it cannot be closed there, and the summary says so */
	const char *const *instead;    /* ways around it, ends with NULL; or NULL */
	const char *source;            /* of the summary, where there is no remedy; or NULL */
};

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

struct recognition {
	const struct condition *when;
	enum confidence confidence;
	const char *evidence; /* what speaks for it: "CPUID signature VMwareVMware" */
};

/* How the administrator finds the VM whose SMBIOS has this UUID. */
struct finder {
	const char *tool;
	const char *command; /* with the word UUID in it */
	const char *source;
};

struct platform {
	const char *id;
	const char *title;
	int rank; /* among platforms recognised with equal confidence the highest wins */
	const struct recognition *recognitions;
	size_t recognition_count;
	const struct finder *finders; /* the first one when none is of the tool that is used */
	size_t finder_count;
	const char *version_fact; /* fact that holds the version or a bound of it; or NULL */
	const char *about;        /* what it can give and what not, in a few sentences */
	const char *quiet;        /* why no frame goes out there unasked; or NULL */
	const struct platform_gap *gaps;
	size_t gap_count;
};

struct gap {
	const char *id;
	unsigned number;     /* in short codes: never another gap's */
	const char *title;   /* "CPU virtualization is hidden from this VM" */
	const char *layer;   /* "L0" or "L1": who is at fault */
	const char *meaning; /* one or two sentences */
	const char *cause;   /* what commonly causes it */
	const char *const
	        *after; /* gaps that have to be closed before it; ends with NULL; or NULL */
	const struct platform_gap *anywhere; /* remedies that hold whatever the platform, or NULL */
};

/* What a guest can no longer do, or has to pay, once it runs VMs of its own. */
struct constraint {
	const char *id;
	const char *what;             /* "live migration", "licence" ... */
	const char *const *platforms; /* ends with NULL: on these; none: on all */
	const char *const *families;  /* ends with NULL: for targets of these; none: for all */
	const char *text;
	bool uncertain;
	const char *source;
};

/* What has to be reset before this guest is cloned; in the order in which it is done. */
struct reset {
	const char *id;
	const char *title; /* what is found: "SSH host keys are there" */
	const char *why;
	const struct condition *when; /* true: it has to be */
	bool advice;                  /* not in this guest's hands: said, and not counted */
	const char *const *steps;     /* as in struct remedy */
	const char *const *verify;
	const char *source;
};

/* What a finding is, whatever the target. */
struct finding_page {
	const char *id;
	const char *title;
	const char *meaning;
	const char *tested;             /* how */
	const char *settle;             /* one command that would settle an `unknown`, or NULL */
	const struct condition *unless; /* true: the command settles nothing; or NULL */
	const char *otherwise;          /* what settles it then; NULL without `unless` */
	const char *prove; /* the command that tests what a check does not, unasked; or NULL */
};

extern const struct target knowledge_targets[];
extern const struct requirement knowledge_requirements[]; /* each once, whatever targets have it */
extern const size_t knowledge_requirement_count;
extern const struct platform knowledge_platforms[];
extern const struct gap knowledge_gaps[];
extern const struct finding_page knowledge_findings[];
extern const struct constraint knowledge_constraints[];
extern const struct reset knowledge_resets[];

/* NULL when there is none of that id; a target's may be one of its aliases. */
const struct target *knowledge_target(const char *id);
const struct platform *knowledge_platform(const char *id);
const struct gap *knowledge_gap(const char *id);
const struct finding_page *knowledge_finding(const char *id);

/* Whether the constraint holds for a target on a platform; NULL: on any. */
bool knowledge_constrains(const struct constraint *constraint, const struct target *target,
                          const struct platform *platform);

/* The row of a target's matrix for a platform (NULL: unknown), or NULL. */
const struct matrix_entry *knowledge_support(const struct target *target,
                                             const struct platform *platform);

/*
 * What is known of a gap on a platform: the first entry whose condition is true
 * of these facts, or has none; without one, what holds anywhere; NULL when there
 * is neither.  `platform` and `facts` may be NULL: then no condition is true.
 */
const struct platform_gap *knowledge_platform_gap(const struct platform *platform, const char *gap,
                                                  const struct fact_set *facts);

#endif
