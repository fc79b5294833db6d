/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line; the settings that a product's administrator has are options here. */
#include "tests/lab/l0/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/l0/cpuid.h"

#define MEMORY_MIB     256
#define MEMORY_MIB_MAX 1024 /* what the first page tables map */

const char options_usage[] =
        "usage: nestready-lab-l0 --kernel BZIMAGE --initrd FILE [OPTION]...\n"
        "Runs Linux as a guest of a product that KVM plays.  Its first serial port is standard\n"
        "error, its second one standard output; ends when the guest resets itself.\n"
        "  --append TEXT            the guest's kernel command line\n"
        "  --memory MIB             256 without it, 1024 at most\n"
        "  --identity NAME          kvm, vmware, virtualbox, virtualbox-as-kvm or hyperv\n"
        "  --hide FEATURE           vmx, svm or npt; more than once for more\n"
        "  --vmware-product N       2 ESX (without the option), 4 Workstation\n"
        "  --vmware-hardware N      virtual hardware version, 19 without it\n"
        "  --vmware-silent          the backdoor gives no answers\n";

enum { KERNEL, INITRD, APPEND, MEMORY, IDENTITY, HIDE, PRODUCT, HARDWARE, SILENT };

static const struct option names[] = {
	{ "kernel", required_argument, NULL, KERNEL },
	{ "initrd", required_argument, NULL, INITRD },
	{ "append", required_argument, NULL, APPEND },
	{ "memory", required_argument, NULL, MEMORY },
	{ "identity", required_argument, NULL, IDENTITY },
	{ "hide", required_argument, NULL, HIDE },
	{ "vmware-product", required_argument, NULL, PRODUCT },
	{ "vmware-hardware", required_argument, NULL, HARDWARE },
	{ "vmware-silent", no_argument, NULL, SILENT },
	{ NULL, 0, NULL, 0 },
};

static int parse_number(const char *text, unsigned long max, unsigned long *number,
                        struct error *err)
{
	char *end;
	*number = strtoul(text, &end, 10);
	if (end == text || *end != '\0' || *number == 0 || *number > max)
		return error_set(err, ERROR_USAGE, 0, "%s: not a number from 1 to %lu", text, max);
	return 0;
}

static int take_identity(struct options *options, const char *name, struct error *err)
{
	options->identity = identity_find(name);
	return options->identity != NULL ? 0
	                                 : error_set(err, ERROR_USAGE, 0, "no identity %s", name);
}

static int take_hidden(struct options *options, const char *name, struct error *err)
{
	int feature = cpuid_feature(name);
	if (feature < 0)
		return error_set(err, ERROR_USAGE, 0, "no feature %s", name);
	options->hidden |= 1u << feature;
	return 0;
}

static int take(struct options *options, int option, char *value, struct error *err)
{
	unsigned long number = 0;
	switch (option) {
	case KERNEL:
		options->kernel = value;
		return 0;
	case INITRD:
		options->initrd = value;
		return 0;
	case APPEND:
		options->append = value;
		return 0;
	case MEMORY:
		if (parse_number(value, MEMORY_MIB_MAX, &number, err) != 0)
			return -1;
		options->memory = number << 20;
		return 0;
	case IDENTITY:
		return take_identity(options, value, err);
	case HIDE:
		return take_hidden(options, value, err);
	case PRODUCT:
	case HARDWARE:
		if (parse_number(value, 99, &number, err) != 0)
			return -1;
		*(option == PRODUCT ? &options->backdoor.product
		                    : &options->backdoor.hardware_version) = (uint32_t)number;
		return 0;
	case SILENT:
		options->backdoor.answers = false;
		return 0;
	default:
		return error_set(err, ERROR_USAGE, 0, "no such option");
	}
}

int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	*options = (struct options){
		.append = "",
		.memory = (size_t)MEMORY_MIB << 20,
		.identity = identity_find("kvm"),
		.backdoor = { .answers = true, .product = 2, .hardware_version = 19 },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
		if (take(options, option, optarg, err) != 0)
			return -1;
	options->backdoor.answers &= options->identity->backdoor;
	if (optind < argc || options->kernel == NULL || options->initrd == NULL)
		return error_set(err, ERROR_USAGE, 0, "a kernel and an initrd, and nothing else");
	return 0;
}
