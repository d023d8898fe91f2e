/* address.h: which addresses may be called: https, or http to this machine alone; and whether an
 * address is one of the public network. */
#ifndef RUN_ADDRESS_H
#define RUN_ADDRESS_H

#include <sys/socket.h>

#include "base/err.h"

/* What the URL of a setting says. */
struct address {
	bool is_plain;      /* http, to this machine */
	bool is_literal;    /* the host is an address or localhost: this very one is meant */
	bool is_port_usual; /* 443 or 80, as the scheme has it */
};

/* ERR_INVALID names the setting: not a web address, or http to another machine. */
const struct err *address_read(struct arena *arena, const char *setting, const char *url,
    struct address *address) MUST_CHECK;
/* Whether it is out in the world: not loopback, private, link-local, shared, reserved, multicast,
 * nor an IPv6 address that carries such an IPv4 one. */
bool address_is_public(const struct sockaddr *address);

#endif
