/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sandbox.h.  Plain system calls: three libraries would cost more than they do here. */
#include "worker/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What root keeps.  Files of root are root's without any capability. */
static const struct {
	int capability;
	bool frames; /* only where frames are sent */
} kept[] = {
	{ CAP_SYS_RAWIO, false },       /* the msr device; the VMware backdoor port */
	{ CAP_SYSLOG, false },          /* the kernel's log, where dmesg_restrict is set */
	{ CAP_DAC_READ_SEARCH, false }, /* what root owns nothing of: a user's /var/lib/libvirt */
	{ CAP_NET_RAW, true },          /* packet sockets, promiscuous ones too */
};

#define SECUREBITS                                                                                 \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                           \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |                             \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static int drop_capabilities(bool frames, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	if (syscall(SYS_capget, &header, sets) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "reading capabilities");
	if (sets[0].permitted == 0 && sets[1].permitted == 0)
		return 0; /* an ordinary user has nothing to give up */
	/* Needs CAP_SETPCAP; without that, the capabilities still go. */
	prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0);
	uint32_t mask[_LINUX_CAPABILITY_U32S_3] = { 0 };
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (frames || !kept[i].frames)
			mask[CAP_TO_INDEX(kept[i].capability)] |= CAP_TO_MASK(kept[i].capability);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].permitted &= mask[i];
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "dropping capabilities");
	return 0;
}

static int load_filter(bool frames, struct error *err)
{
	const struct sock_filter *filter = frames ? sandbox_filter_frames : sandbox_filter;
	size_t length = frames ? sandbox_filter_frames_length : sandbox_filter_length;
	struct sock_fprog program = {
		.len = (unsigned short)length,
		/* The kernel only reads it; its interface predates const. */
		.filter = (struct sock_filter *)(uintptr_t)filter,
	};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "loading the system call filter");
	return 0;
}

int sandbox_enter(bool frames, struct error *err)
{
	int failed = 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		failed = error_set(err, ERROR_INTERNAL, errno, "setting no_new_privs");
	failed |= drop_capabilities(frames, err);
	failed |= load_filter(frames, err);
	return failed == 0 ? 0 : -1;
}
