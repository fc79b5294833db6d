/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmnl, loaded when the interfaces are asked for, as most runs do not. */
#ifndef NESTREADY_MACHINE_LIBMNL_H
#define NESTREADY_MACHINE_LIBMNL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>

/* What is used of it, under its own names. */
struct libmnl {
	__typeof__(mnl_socket_open2) *socket_open2;
	__typeof__(mnl_socket_bind) *socket_bind;
	__typeof__(mnl_socket_close) *socket_close;
	__typeof__(mnl_socket_get_fd) *socket_get_fd;
	__typeof__(mnl_socket_get_portid) *socket_get_portid;
	__typeof__(mnl_socket_sendto) *socket_sendto;
	__typeof__(mnl_socket_recvfrom) *socket_recvfrom;
	__typeof__(mnl_cb_run) *cb_run;
	__typeof__(mnl_nlmsg_put_header) *nlmsg_put_header;
	__typeof__(mnl_nlmsg_put_extra_header) *nlmsg_put_extra_header;
	__typeof__(mnl_nlmsg_get_payload) *nlmsg_get_payload;
	__typeof__(mnl_attr_parse) *attr_parse;
	__typeof__(mnl_attr_parse_nested) *attr_parse_nested;
	__typeof__(mnl_attr_parse_payload) *attr_parse_payload;
	__typeof__(mnl_attr_get_type) *attr_get_type;
	__typeof__(mnl_attr_get_payload_len) *attr_get_payload_len;
	__typeof__(mnl_attr_get_payload) *attr_get_payload;
	__typeof__(mnl_attr_validate) *attr_validate;
};

/* False when it is not there or lacks a function; `why` is the loader's word. */
bool libmnl_load(struct libmnl *libmnl, char *why, size_t size);

#endif
