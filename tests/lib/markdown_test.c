/* markdown_test.c: Markdown is shown, and nothing in it runs, loads or leads astray. */
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "web/frame.h"

static void gives(const char *markdown, const char *html)
{
	char *got = markdown_html(markdown);

	ck_assert_str_eq(got, html);
	free(got);
}

START_TEST(ordinary_text)
{
	gives("# Role\n\nBe *kind*.\n", "<h1>Role</h1>\n<p>Be <em>kind</em>.</p>\n");
	gives("- a\n- b\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
	gives("`a<b`", "<p><code>a&lt;b</code></p>\n");
	gives("", "");
}
END_TEST

START_TEST(html_is_text)
{
	gives("<script>alert(1)</script>",
	    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
	gives("a <img src=x onerror=alert(1)> b",
	    "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n");
	gives("<a href=\"javascript:alert(1)\">x</a>",
	    "<p>&lt;a href=&quot;javascript:alert(1)&quot;&gt;x&lt;/a&gt;</p>\n");
}
END_TEST

START_TEST(links_lead_to_the_web_only)
{
	gives("[x](https://a.example/?q=1&r=2)",
	    "<p><a href=\"https://a.example/?q=1&amp;r=2\" "
	    "rel=\"noopener noreferrer nofollow\">x</a></p>\n");
	gives("[x](/costs)",
	    "<p><a href=\"/costs\" rel=\"noopener noreferrer nofollow\">x</a></p>\n");
	gives("[x](javascript:alert(1))", "<p><a>x</a></p>\n");
	gives("[x](JaVaScRiPt:alert(1))", "<p><a>x</a></p>\n");
	gives("[x](&#106;avascript:alert(1))", "<p><a>x</a></p>\n");
	gives("[x](data:text/html;base64,PHNjcmlwdD4=)", "<p><a>x</a></p>\n");
	gives("[x](//evil.example/)", "<p><a>x</a></p>\n");
	gives("<javascript:alert(1)>", "<p><a>javascript:alert(1)</a></p>\n");
}
END_TEST

START_TEST(attributes_cannot_be_left)
{
	gives("[x](https://a.example/\"onclick=alert(1))",
	    "<p><a href=\"https://a.example/%22onclick=alert(1)\" "
	    "rel=\"noopener noreferrer nofollow\">x</a></p>\n");
	gives("[x](https://a.example/ \"a\\\" onclick=b\")",
	    "<p><a href=\"https://a.example/\" rel=\"noopener noreferrer nofollow\" "
	    "title=\"a&quot; onclick=b\">x</a></p>\n");
}
END_TEST

START_TEST(images_are_described)
{
	gives("![a <b>](https://a.example/x.png)", "<p>[image: a &lt;b&gt;]</p>\n");
	gives("![](https://a.example/x.png)", "<p>[image: ]</p>\n");
	gives("[![i](https://a.example/x.png)](https://b.example/)",
	    "<p><a href=\"https://b.example/\" rel=\"noopener noreferrer nofollow\">"
	    "[image: i]</a></p>\n");
}
END_TEST

START_TEST(no_tag_of_a_stranger_survives)
{
	static const char *const attacks[] = {
		"<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<!--><script>-->",
		"```html\n<script>alert(1)</script>\n```", "> <style>*{}</style>",
		"| <b>a</b> |\n|--|\n| <i>x</i> |", "<?php ?>", "<![CDATA[<script>]]>",
		"[a]: javascript:alert(1)\n\n[a]", "**<object data=x>**",
	};

	for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
		char *html = markdown_html(attacks[i]);

		ck_assert_msg(strstr(html, "<script") == NULL && strstr(html, "<svg") == NULL &&
		    strstr(html, "<iframe") == NULL && strstr(html, "<style") == NULL &&
		    strstr(html, "<b>") == NULL && strstr(html, "<i>") == NULL &&
		    strstr(html, "<object") == NULL && strstr(html, "\"javascript:") == NULL,
		    "%s", html);
		free(html);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		ordinary_text,
		html_is_text,
		links_lead_to_the_web_only,
		attributes_cannot_be_left,
		images_are_described,
		no_tag_of_a_stranger_survives,
	};

	return suite_run("markdown", tests, ARRAY_LEN(tests));
}
