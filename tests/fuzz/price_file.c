/* price_file.c: price files that people publish: rows that come out of them can be prices. */
#include "fuzz.h"

#include "admin/price_file.h"
#include "base/text.h"

static const struct price_wanted wanted[] = {
	{.provider = "anthropic"}, {.provider = "anthropic", .pattern = "claude-*"}};

static void check_row(const struct doc *row)
{
	static const char *const rates[] = {"input_pico", "output_pico", "cache_read_pico",
	    "cache_write_5m_pico", "cache_write_1h_pico"};
	const char *day = doc_text(row, "valid_from");
	int64_t value = -1;

	HOLDS(doc_text(row, "model") != NULL && doc_text(row, "entry") != NULL);
	HOLDS(doc_int(row, "above_tokens", &value) && value >= 0);
	HOLDS(day == NULL || text_is_day(day));
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		bool is_there = doc_int(row, rates[i], &value);

		HOLDS(is_there || (i > 1 && doc_type(doc_get(row, rates[i])) == DOC_NULL));
		HOLDS(!is_there || value >= 0);
	}
}

FUZZ(price_file)
{
	struct arena *arena = arena_new();
	struct doc *file;

	if (doc_parse(arena, (const char *)data, size, &file) == NULL) {
		for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
			struct price_file out;
			const struct err *err = price_file_read(arena, file, &wanted[i], &out);

			HOLDS(err == NULL || err->kind == ERR_INVALID);
			for (size_t k = 0; k < doc_count(out.rows); k++)
				check_row(doc_at(out.rows, k));
			HOLDS(err != NULL || doc_count(out.rows) + doc_count(out.skipped) > 0);
		}
	}
	arena_free(arena);
	return 0;
}
