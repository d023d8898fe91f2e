/* err.c: makes error values and names their kinds. */
#include "base/err.h"

const struct err *err_new(struct arena *arena, enum err_kind kind, const char *format, ...)
{
	struct err *err = arena_alloc(arena, sizeof(*err));
	va_list args;

	err->kind = kind;
	va_start(args, format);
	err->sentence = arena_vprintf(arena, format, args);
	va_end(args);
	return err;
}

const struct err *err_of_field(struct arena *arena, const char *name, const char *sentence)
{
	struct err *err = arena_alloc(arena, sizeof(*err));
	struct err_field *field = arena_alloc(arena, sizeof(*field));

	*field = (struct err_field){.name = name, .sentence = sentence};
	*err = (struct err){.kind = ERR_INVALID, .sentence = sentence, .fields = field};
	return err;
}

const char *err_kind_name(enum err_kind kind)
{
	static const char *const names[ERR_KIND_COUNT] = {
		[ERR_INVALID] = "invalid",   [ERR_LOGIN] = "login",
		[ERR_DENIED] = "denied",     [ERR_MISSING] = "missing",
		[ERR_GONE] = "gone",         [ERR_CONFLICT] = "conflict",
		[ERR_LIMIT] = "limit",       [ERR_BUDGET] = "budget",
		[ERR_UPSTREAM] = "upstream", [ERR_DOWN] = "down",
		[ERR_BUG] = "bug",
	};

	return (unsigned)kind < ERR_KIND_COUNT ? names[kind] : "unknown";
}
