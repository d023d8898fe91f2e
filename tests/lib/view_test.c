/* view_test.c: documents in templates: what exists, what is escaped, how values look. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/view.h"

/* The library loses 32 bytes when a template cannot be parsed; only a test does that. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:cs_parse_string\n";
}

static struct arena *arena;
static char folder[] = "/tmp/view_test.XXXXXX";

static void template_put(const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(arena, "%s/%s", folder, name), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static const struct err *render(const char *template, const char *json, const char *layout,
    struct buf *out)
{
	struct view view = {.directory = folder, .name = "t.cs", .layout = layout};
	struct doc *doc;

	template_put("t.cs", template);
	ck_assert_ptr_null(doc_parse(arena, json, strlen(json), &doc));
	return view_render(arena, &view, doc, NULL, out);
}

static void gives(const char *template, const char *json, const char *expected)
{
	struct buf *out = buf_new(arena, 65536);

	ck_assert_ptr_null(render(template, json, NULL, out));
	ck_assert_str_eq(out->data, expected);
}

/* filter(value) in a template. */
static void shows(const char *filter, const char *value, const char *expected)
{
	gives(arena_printf(arena, "<?cs var:%s(d.v) ?>", filter),
	    arena_printf(arena, "{\"v\":\"%s\"}", value), expected);
}

START_TEST(values_are_escaped)
{
	gives("<?cs var:d.v ?>", "{\"v\":\"<b>&\\\"'\"}", "&lt;b&gt;&amp;&quot;&#39;");
	gives("<?cs var:lower(d.v) ?>", "{\"v\":\"<B>\"}", "&lt;b&gt;");
	gives("<?cs var:link(\"/a?b=\" + encoded(d.v)) ?>", "{\"v\":\"a/b&c d\"}",
	    "/a?b=a%2Fb%26c%20d");
	gives("<?cs var:d.v ?>", "{\"v\":\"<?cs include:\\\"/etc/passwd\\\" ?>\"}",
	    "&lt;?cs include:&quot;/etc/passwd&quot; ?&gt;");
}
END_TEST

START_TEST(prompts_are_plain)
{
	struct view view = {.directory = folder, .name = "t.cs", .escape = VIEW_PLAIN};
	struct doc *doc = doc_object(arena);
	struct buf *out = buf_new(arena, 1024);

	template_put("t.cs", "<?cs var:d.v ?>");
	doc_set_text(doc, "v", "<b>&\"'");
	ck_assert_ptr_null(view_render(arena, &view, doc, NULL, out));
	ck_assert_str_eq(out->data, "<b>&\"'");
}
END_TEST

START_TEST(existence)
{
	const char *json = "{\"zero\":\"0\",\"none\":null,\"yes\":true,\"no\":false,\"empty\":\"\"}";

	gives("<?cs if:?d.zero ?>there<?cs /if ?>", json, "there");
	gives("<?cs if:?d.none ?>there<?cs /if ?>", json, "");
	gives("<?cs if:?d.yes ?>there<?cs /if ?>", json, "there");
	gives("<?cs if:?d.no ?>there<?cs /if ?>", json, "");
	gives("<?cs if:?d.empty ?>there<?cs /if ?>", json, "there");
}
END_TEST

START_TEST(arrays_and_numbers)
{
	gives("<?cs each:i = d.list ?><?cs var:i.n ?>,<?cs /each ?><?cs var:subcount(d.list) ?>",
	    "{\"list\":[{\"n\":3000000000},{\"n\":0.3697}]}", "3000000000,0.3697,2");
	gives("<?cs var:d.list.0 ?><?cs var:d.list.11 ?>",
	    "{\"list\":[\"a\",0,0,0,0,0,0,0,0,0,0,\"l\"]}", "al");
}
END_TEST

/* Names of members that came from outside do not become paths. */
START_TEST(names_are_plain)
{
	gives("<?cs var:d.a.b ?>|<?cs var:Config.VarEscapeMode ?>",
	    "{\"a.b\":\"x\",\"../Config.VarEscapeMode\":\"none\",\"\":\"y\"}", "|html");
}
END_TEST

START_TEST(layouts_take_the_view_in)
{
	struct buf *out = buf_new(arena, 1024);

	template_put("layout.cs", "[<?cs include!\"view\" ?>]");
	ck_assert_ptr_null(render("<?cs var:d.v ?>", "{\"v\":\"<\"}", "layout.cs", out));
	ck_assert_str_eq(out->data, "[&lt;]");
}
END_TEST

START_TEST(broken_templates_are_bugs)
{
	static const char *const broken[] = {"<?cs if:d.x ?>", "<?cs include!\"missing.cs\" ?>",
	    "<?cs include!\"../x\" ?>", "<?cs include!\"/etc/passwd\" ?>", "<?cs var:nope(d.x) ?>"};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		const struct err *err = render(broken[i], "{}", NULL, buf_new(arena, 1024));

		ck_assert_msg(err != NULL && err->kind == ERR_BUG, "%s", broken[i]);
	}
	ck_assert_ptr_nonnull(render("0123456789", "{}", NULL, buf_new(arena, 5)));
}
END_TEST

START_TEST(money)
{
	shows("usd2", "1204.500000000", "$1,204.50");
	shows("usd2", "0", "$0.00");
	shows("usd2", "0.004", "&lt; $0.01");
	shows("usd2", "0.995", "$1.00");
	shows("usd2", "999999.995", "$1,000,000.00");
	shows("usd4", "0.369690000", "$0.3697");
	shows("usd4", "0.00005", "&lt; $0.0001");
	shows("usd6", "0.000001000", "$0.000001");
	shows("usd2", "-3.456", "-$3.46");
	shows("usd2", "n/a", "n/a");
}
END_TEST

START_TEST(counts_and_shares)
{
	shows("count", "0", "0");
	shows("count", "1234567", "1,234,567");
	shows("tokens", "10451", "10,451");
	shows("tokens", "18912345", "18.9 M");
	shows("tokens", "3000000000", "3.0 G");
	shows("percent", "62.4", "62 %");
	shows("percent", "0.2", "&lt; 1 %");
	shows("percent", "0", "0 %");
	shows("percent", "1234.5", "1,235 %");
}
END_TEST

START_TEST(times)
{
	view_use_time(1795348931000); /* 2026-11-22T12:02:11Z */
	shows("duration", "850", "850 ms");
	shows("duration", "12450", "12.4 s");
	shows("duration", "185000", "3 min 05 s");
	shows("duration", "4320000", "1 h 12 min");
	shows("date", "2026-11-02", "2 Nov 2026");
	shows("date", "2026-11-22T12:02:11.123Z", "22 Nov 2026");
	shows("moment", "2026-11-22T12:02:11.123Z", "22 Nov 2026, 12:02:11 UTC");
	shows("ago", "2026-11-22T12:02:01.000Z", "just now");
	shows("ago", "2026-11-22T11:59:01.000Z", "3 min ago");
	shows("ago", "2026-11-22T06:59:01.000Z", "5 h ago");
	shows("ago", "2026-11-21T06:59:01.000Z", "yesterday");
	shows("ago", "2026-11-17T06:59:01.000Z", "5 days ago");
	shows("ago", "2026-10-17T06:59:01.000Z", "17 Oct 2026");
	shows("ago", "soon", "soon");
	view_use_time(0);
}
END_TEST

/* Shown at 12:02:11, the text stays until so many seconds later; -1: for good. */
static void stays(const char *time, const char *text, int64_t seconds)
{
	shows("ago", time, text);
	ck_assert_int_eq(view_changes_ms(), seconds < 0 ? INT64_MAX :
	    1795348931000 + seconds * 1000);
	if (seconds < 0)
		return;
	view_use_time(view_changes_ms() - 1000);
	shows("ago", time, text);
	view_use_time(1795348931000);
}

START_TEST(times_change)
{
	view_use_time(1795348931000); /* 2026-11-22T12:02:11Z */
	stays("2026-11-22T12:02:01.000Z", "just now", 50);
	stays("2026-11-22T12:02:41.000Z", "just now", 90);
	stays("2026-11-22T11:59:01.000Z", "3 min ago", 50);
	stays("2026-11-22T06:59:01.000Z", "5 h ago", 3410);
	stays("2026-11-21T06:59:01.000Z", "yesterday", 68210);
	stays("2026-11-22T12:04:11.000Z", "22 Nov 2026", 61);
	stays("2026-10-17T06:59:01.000Z", "17 Oct 2026", -1);
	view_use_time(0);
}
END_TEST

START_TEST(links)
{
	shows("link", "https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2");
	shows("link", "/costs", "/costs");
	shows("link", "#top", "#top");
	shows("link", "//evil.example", "#");
	shows("link", "javascript:alert(1)", "#");
	shows("link", "data:text/html,x", "#");
	shows("link", "/\\\\evil.example", "#");
	shows("link", "https://a.example/ x", "#");
	shows("link", "", "#");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		values_are_escaped,
		prompts_are_plain,
		existence,
		arrays_and_numbers,
		names_are_plain,
		layouts_take_the_view_in,
		broken_templates_are_bugs,
		money,
		counts_and_shares,
		times,
		times_change,
		links,
	};
	int result;

	if (mkdtemp(folder) == NULL)
		return 1;
	arena = arena_new();
	result = suite_run("view", tests, ARRAY_LEN(tests));
	(void)unlink(arena_printf(arena, "%s/t.cs", folder));
	(void)unlink(arena_printf(arena, "%s/layout.cs", folder));
	(void)rmdir(folder);
	arena_free(arena);
	return result;
}
