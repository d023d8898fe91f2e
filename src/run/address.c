/* address.c: reads the URLs of settings; knows the networks that are not public. */
#include "run/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* http only reaches this machine: secrets never travel in the clear. */
static bool is_this_machine(const char *host)
{
	struct in_addr v4;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return text_equal(host, "localhost") || text_equal(host, "[::1]");
}

static bool is_literal(const char *host)
{
	struct in_addr v4;
	return host[0] == '[' || inet_pton(AF_INET, host, &v4) == 1 || is_this_machine(host);
}

const struct err *address_read(struct arena *arena, const char *setting, const char *url,
    struct address *address)
{
	const struct err *err = NULL;
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLU *parts = curl_url();
	*address = (struct address){.is_plain = false};
	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK
	    || curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
	    || curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK
	    || curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK) {
		err = err_new(arena, ERR_INVALID, "%s is not a web address.", setting);
	} else {
		address->is_plain = strcasecmp(scheme, "https") != 0;
		address->is_literal = is_literal(host);
		address->is_port_usual = text_equal(port, address->is_plain ? "80" : "443");
		if (address->is_plain
		    && (strcasecmp(scheme, "http") != 0 || !is_this_machine(host)))
			err = err_new(arena, ERR_INVALID,
			    "%s must be https (http only reaches this machine itself).", setting);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return err;
}

/* ---- Networks. ---- */

static const struct network {
	uint32_t first;
	int bits;
} closed[] = {
	{0x00000000, 8},  /* this network */
	{0x0a000000, 8},  /* private */
	{0x64400000, 10}, /* shared by providers */
	{0x7f000000, 8},  /* loopback */
	{0xa9fe0000, 16}, /* link-local */
	{0xac100000, 12}, /* private */
	{0xc0000000, 24}, /* protocols */
	{0xc0000200, 24}, /* documentation */
	{0xc0586300, 24}, /* relays */
	{0xc0a80000, 16}, /* private */
	{0xc6120000, 15}, /* benchmarks */
	{0xc6336400, 24}, /* documentation */
	{0xcb007100, 24}, /* documentation */
	{0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static bool is_public_v4(uint32_t address)
{
	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		if ((address ^ closed[i].first) >> (32 - closed[i].bits) == 0)
			return false;
	}
	return true;
}

static uint32_t v4_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
	    | bytes[3];
}

/* Mapped (::ffff:0:0/96) and translated (64:ff9b::/96) addresses are those they carry. Of the
 * rest only 2000::/3 is public, without tunnels (2001::/32, 2002::/16) and documentation. */
static bool is_public_v6(const unsigned char bytes[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const unsigned char translated[12] = {0x00, 0x64, 0xff, 0x9b};
	uint32_t first = v4_at(bytes);
	if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, translated, 12) == 0)
		return is_public_v4(v4_at(bytes + 12));
	return first >> 29 == 1 && first != 0x20010000 && first >> 16 != 0x2002
	    && first != 0x20010db8;
}

bool address_is_public(const struct sockaddr *address)
{
	const void *bytes = address;
	if (address->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, bytes, sizeof(v4));
		return is_public_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, bytes, sizeof(v6));
		return is_public_v6(v6.sin6_addr.s6_addr);
	}
	return false;
}
