/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See libmnl.h. */
#include "machine/libmnl.h"

#include <dlfcn.h>
#include <string.h>

#include "base/text.h"

/* The ABI that <libmnl/libmnl.h> describes. */
#define LIBRARY "libmnl.so.0"

bool libmnl_load(struct libmnl *mnl, char *why, size_t size)
{
	const struct {
		const char *name;
		void *function; /* where to put it */
	} wanted[] = {
		{ "mnl_socket_open2", &mnl->socket_open2 },
		{ "mnl_socket_bind", &mnl->socket_bind },
		{ "mnl_socket_close", &mnl->socket_close },
		{ "mnl_socket_get_fd", &mnl->socket_get_fd },
		{ "mnl_socket_get_portid", &mnl->socket_get_portid },
		{ "mnl_socket_sendto", &mnl->socket_sendto },
		{ "mnl_socket_recvfrom", &mnl->socket_recvfrom },
		{ "mnl_cb_run", &mnl->cb_run },
		{ "mnl_nlmsg_put_header", &mnl->nlmsg_put_header },
		{ "mnl_nlmsg_put_extra_header", &mnl->nlmsg_put_extra_header },
		{ "mnl_nlmsg_get_payload", &mnl->nlmsg_get_payload },
		{ "mnl_attr_parse", &mnl->attr_parse },
		{ "mnl_attr_parse_nested", &mnl->attr_parse_nested },
		{ "mnl_attr_parse_payload", &mnl->attr_parse_payload },
		{ "mnl_attr_get_type", &mnl->attr_get_type },
		{ "mnl_attr_get_payload_len", &mnl->attr_get_payload_len },
		{ "mnl_attr_get_payload", &mnl->attr_get_payload },
		{ "mnl_attr_validate", &mnl->attr_validate },
	};
	/* Never closed: that takes time, and a worker ends soon. */
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	bool whole = library != NULL;
	for (size_t i = 0; whole && i < sizeof wanted / sizeof wanted[0]; i++) {
		void *function = dlsym(library, wanted[i].name);
		memcpy(wanted[i].function, &function, sizeof function);
		whole = function != NULL;
	}
	if (!whole)
		text_cut(why, size, dlerror());
	return whole;
}
