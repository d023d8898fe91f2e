/* token_test.c: tokens have full length and alphabet, and are stored as a known hash. */
#include "suite.h"

#include <string.h>

#include "base/token.h"

START_TEST(token_has_43_characters_of_base64url)
{
	struct arena *arena = arena_new();
	bool seen[256] = {false};
	size_t kinds = 0;

	for (int round = 0; round < 200; round++) {
		const char *token = token_new(arena, "pb_");

		ck_assert_int_eq(strncmp(token, "pb_", 3), 0);
		ck_assert_uint_eq(strlen(token), 46);
		for (const char *c = token + 3; *c != '\0'; c++)
			seen[(unsigned char)*c] = true;
		/* The last character carries four bits only. */
		ck_assert_ptr_nonnull(strchr("AEIMQUYcgkosw048", token[45]));
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		kinds += seen[i];
	ck_assert_uint_eq(kinds, 64);
	arena_free(arena);
}
END_TEST

START_TEST(tokens_differ)
{
	struct arena *arena = arena_new();

	ck_assert_str_ne(token_new(arena, ""), token_new(arena, ""));
	arena_free(arena);
}
END_TEST

START_TEST(hash_is_sha256)
{
	struct arena *arena = arena_new();

	ck_assert_str_eq(token_hash(arena, "abc"),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	arena_free(arena);
}
END_TEST

START_TEST(what_could_be_guessed_is_weak)
{
	static const char *const weak[] = {
		"", "short", "0123456789012345678901234567890123456", /* 37 digits */
		"0123456789abcdef0123456789abcde", "0123456789ABCDEF0123456789ABCDE",
		"abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmn",
		"ABCDEFGHIJKLMNOPabcde", "aB3-aB3-aB3-aB3-aB3-aB3-aB3-",
		"550e8400-e29b-41d4-a716-446655440000", "two words with enough characters",
		"caf\xc3\xa9_0123456789abcdefghijkl", "tab\t0123456789abcdefghijklmnop",
	};
	static const char *const strong[] = {
		"012345678901234567890123456789012345678", "0123456789abcdef0123456789abcdef",
		"abcdefghijklmnopqrstuvwxyzab", "0123456789abcdefghijklmno",
		"ABCDEFGHIJKLMNOPabcdef", "ABCDEFGHIJKLMNOPab-_01",
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_LEN(weak); i++)
		ck_assert_msg(token_weakness(arena, weak[i]) != NULL, "%s", weak[i]);
	for (size_t i = 0; i < ARRAY_LEN(strong); i++)
		ck_assert_msg(token_weakness(arena, strong[i]) == NULL, "%s: %s", strong[i],
		    token_weakness(arena, strong[i]));
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_null(token_weakness(arena, token_new(arena, "")));
	arena_free(arena);
}
END_TEST

START_TEST(random_fills_every_byte)
{
	unsigned char bytes[64] = {0};
	unsigned char any[64] = {0};

	for (int round = 0; round < 20; round++) {
		token_random(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(any); i++)
			any[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(any); i++)
		ck_assert_uint_ne(any[i], 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		token_has_43_characters_of_base64url,
		tokens_differ,
		hash_is_sha256,
		what_could_be_guessed_is_weak,
		random_fills_every_byte,
	};

	return suite_run("token", tests, ARRAY_LEN(tests));
}
