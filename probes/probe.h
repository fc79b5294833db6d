/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A probe asks the machine one thing and emits facts.  It never judges, never
 * prints and touches nothing but the machine port.  One probe is one file
 * probes/NAME.c that defines `const struct probe probe_NAME`, and one line in
 * PROBE_SOURCES; the registry is generated from that list.
 */
#ifndef NESTREADY_PROBES_PROBE_H
#define NESTREADY_PROBES_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"
#include "report/fact.h"

/* What the user allowed or asked for. */
struct probe_settings {
	bool passive;          /* run no L2, send nothing */
	bool every_cpu;        /* run the L2 once on each CPU */
	bool retry_risky;      /* ask again what an earlier boot did not survive */
	bool network;          /* look at the network interfaces */
	bool mac_test;         /* and send frames over them */
	bool mac_dhcp;         /* and ask for an address */
	const char *challenge; /* nonces of the L2 (base/transform.h); NULL: random ones */
	const char *vlan;      /* number of a VLAN to ask in, too; or NULL */
	const char *nics;      /* their names with commas between; NULL: those that lead out */
	bool risky_l2; /* launch an L2 even on a platform that may kill this guest for it (Xen) */
};

struct probe_run {
	struct machine *machine;
	struct fact_sink *facts;
	const struct probe_settings *settings;
};

/* A fact that the probe may emit; emitting any other is a bug that a test finds. */
struct fact_declaration {
	const char *key;  /* "cpu.vmx"; a `*` part stands for a name: "net.*.mac-filter" */
	const char *help; /* one line: what it is, with unit */
};

enum probe_flag {
	PROBE_ACTIVE = 1 << 0,  /* left out when passive */
	PROBE_RISKY = 1 << 1,   /* may cost the machine: a marker is written first */
	PROBE_BY_NAME = 1 << 2, /* no part of a check: run only when asked for by its id */
};

struct probe {
	const char *id;    /* "cpuid": the file's name with - for _ */
	const char *title; /* one line of help */
	unsigned flags;    /* of enum probe_flag */
	uint32_t deadline_ms;
	const struct fact_declaration *facts; /* ends with a NULL key */
	void (*run)(const struct probe_run *run);

	/*
	 * Of a risky probe: whether run() is going to ask the dangerous question
	 * here.  Only then is a marker written, and does coming back mean that it
	 * was survived.  NULL: always.
	 */
	bool (*risks)(const struct probe_run *run);
};

/* All probes in the order of PROBE_SOURCES; ends with NULL.  Generated. */
extern const struct probe *const probe_registry[];

#endif
