/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of virtio-serial, by the names that the host gave them. */
#ifndef NESTREADY_TRANSPORT_VIRTIO_PORT_H
#define NESTREADY_TRANSPORT_VIRTIO_PORT_H

#include "base/error.h"
#include "base/text.h"

/*
 * The device of a port.  udev's links in /dev/virtio-ports are not everywhere,
 * the kernel's names are.  `root` stands in front of every path, "" but in
 * tests.  0; or -1, ERROR_UNAVAILABLE.
 */
int virtio_port_find(const char *root, const char *name, struct text *device, struct error *err);

#endif
