/* address_test.c: which URLs of settings may be called, and which addresses are public. */
#include "suite.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "run/address.h"

static bool is_public(const char *text)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		address.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		address.ss_family = AF_INET6;
	else
		ck_abort_msg("%s is no address", text);
	return address_is_public((const struct sockaddr *)&address);
}

START_TEST(inward_addresses_are_not_public)
{
	static const char *const inward[] = {
		"0.0.0.0", "0.255.1.1", "10.0.0.1", "10.255.255.255", "100.64.0.1",
		"100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
		"::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
		"2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fdff::1", "fe80::1", "fec0::1",
		"ff02::1",
	};
	static const char *const outward[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1",
		"126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.1",
		"192.0.1.1", "192.167.255.255", "192.169.0.1", "198.17.255.255", "198.20.0.1",
		"223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111", "3fff::1",
		"::ffff:1.1.1.1", "64:ff9b::808:808",
	};
	struct sockaddr local = {.sa_family = AF_UNIX};

	for (size_t i = 0; i < ARRAY_LEN(inward); i++)
		ck_assert_msg(!is_public(inward[i]), "%s", inward[i]);
	for (size_t i = 0; i < ARRAY_LEN(outward); i++)
		ck_assert_msg(is_public(outward[i]), "%s", outward[i]);
	ck_assert(!address_is_public(&local));
}
END_TEST

START_TEST(http_stays_on_this_machine)
{
	static const struct {
		const char *url;
		bool is_good, is_plain, is_literal, is_port_usual;
	} rows[] = {
		{"https://example.com/hook", true, false, false, true},
		{"https://example.com:8443/hook", true, false, false, false},
		{"https://10.0.0.5:8443/", true, false, true, false},
		{"https://[fd00::5]/", true, false, true, true},
		{"http://127.0.0.1:9000/", true, true, true, false},
		{"http://localhost/", true, true, true, true},
		{"http://[::1]:1/", true, true, true, false},
		{"http://2130706433/", true, true, true, true}, /* 127.0.0.1 in other words */
		{.url = "http://example.com/"},
		{.url = "http://127.example.com/"},
		{.url = "http://localhost.example.com/"},
		{.url = "http://10.0.0.5/"},
		{.url = "ftp://localhost/"},
		{.url = "file:///etc/passwd"},
		{.url = "gopher://127.0.0.1/"},
		{.url = "https://"},
		{.url = ""},
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct address address;
		const struct err *err = address_read(arena, "SETTING", rows[i].url, &address);

		ck_assert_msg((err == NULL) == rows[i].is_good, "%s", rows[i].url);
		if (err) {
			ck_assert_msg(strncmp(err->sentence, "SETTING ", 8) == 0, "%s", err->sentence);
			continue;
		}
		ck_assert_msg(address.is_plain == rows[i].is_plain &&
		    address.is_literal == rows[i].is_literal &&
		    address.is_port_usual == rows[i].is_port_usual, "%s", rows[i].url);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		inward_addresses_are_not_public,
		http_stays_on_this_machine,
	};

	return suite_run("address", tests, ARRAY_LEN(tests));
}
