/* quality.c: scores a system prompt by what it contains, and names what it lacks. */
#include "sim/quality.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* Points beside the aspects' weights, which sum up to 90. */
#define POINTS_LISTS 4
#define POINTS_LENGTH 6
#define WORDS_PER_POINT 50
#define FINDINGS_AT_ONCE 2
#define LOST_MAX 12

struct aspect_row {
	const char *area;
	const char *heading;
	const char *words; /* any of these in a heading, in lower case, shows the aspect */
	int weight;
	const char *finding;
	const char *suggestion;
};

static const struct aspect_row aspects[ASPECT_COUNT] = {
	[ASPECT_ROLE] = {"role", "Role", "role purpose identity rolle aufgabe zweck", 11,
	    "The prompt does not say who the assistant is and what it is for.",
	    "Open with a section that states name, company and purpose in two sentences."},
	[ASPECT_AUDIENCE] = {"audience", "Audience",
	    "audience users customers zielgruppe kunden", 6,
	    "The prompt does not say whom the assistant talks to.",
	    "Describe the audience, what it knows and what it wants."},
	[ASPECT_TONE] = {"tone", "Tone", "tone style voice ton stil tonalit", 7,
	    "The prompt leaves the tone of the answers open.",
	    "Describe the tone with two or three habits the assistant keeps."},
	[ASPECT_LANGUAGE] = {"language", "Language", "language sprache", 5,
	    "The prompt does not say in which language to answer.",
	    "Name the language and what to do when somebody writes in another one."},
	[ASPECT_CHANNELS] = {"format", "Channels and format",
	    "channel format length kanal kanäle länge", 6,
	    "The prompt does not fit the answers to the channels they appear in.",
	    "State length and layout for each channel."},
	[ASPECT_FACTS] = {"facts", "Facts", "fact knowledge company fakten wissen unternehmen", 11,
	    "The prompt gives the assistant no facts about the company.",
	    "List the facts the answers rest on, one a line."},
	[ASPECT_RULES] = {"rules", "Rules", "rule must always regel vorgabe", 11,
	    "The prompt has no binding rules.",
	    "List the rules as short imperative sentences, the most important first."},
	[ASPECT_EXAMPLES] = {"examples", "Examples", "example beispiel", 9,
	    "The prompt shows no example of a good answer.",
	    "Add examples: what a customer writes and how the assistant answers."},
	[ASPECT_EDGES] = {"edge cases", "Edge cases", "edge unknown limits grenz unklar", 8,
	    "The prompt does not say what to do when a question is unclear or out of scope.",
	    "Add a section for unknown facts, unclear questions and topics out of scope."},
	[ASPECT_ESCALATION] = {"escalation", "Escalation",
	    "escalat handover eskalation weiterleit", 6,
	    "The prompt does not say when to hand over to a person.",
	    "Name the cases that a person must handle and what to say at the hand-over."},
	[ASPECT_PRIVACY] = {"privacy", "Privacy and safety",
	    "privacy safety datenschutz sicherheit", 5,
	    "The prompt is silent about personal data and about attempts to change its rules.",
	    "Forbid asking for needless personal data and revealing the instructions."},
	[ASPECT_CHECKLIST] = {"self-check", "Before you answer", "before check prüf bevor", 5,
	    "Nothing makes the assistant check its answer before it is sent.",
	    "End with a short list to go through before each answer."},
};

const char *aspect_area(enum aspect aspect)
{
	return aspects[aspect].area;
}

const char *aspect_heading(enum aspect aspect)
{
	return aspects[aspect].heading;
}

const char *aspect_finding(enum aspect aspect)
{
	return aspects[aspect].finding;
}

const char *aspect_suggestion(enum aspect aspect)
{
	return aspects[aspect].suggestion;
}

/* Whether line, len bytes, contains word, len bytes of lower case, in any case. */
static bool line_has(const char *line, size_t line_len, const char *word, size_t len)
{
	for (size_t i = 0; i + len <= line_len; i++) {
		size_t same = 0;
		while (same < len
		    && tolower((unsigned char)line[i + same]) == (unsigned char)word[same])
			same++;
		if (same == len)
			return true;
	}
	return false;
}

static bool line_has_any(const char *line, size_t line_len, const char *words)
{
	for (const char *word = words; *word;) {
		size_t len = strcspn(word, " ");
		if (line_has(line, line_len, word, len))
			return true;
		word += len;
		word += *word == ' ';
	}
	return false;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

/* Whether anything but white space follows before the next heading. */
static bool has_body(const char *text)
{
	for (const char *line = text; *line && *line != '#'; line = next_line(line)) {
		if (line[strspn(line, " \t\r")] != '\n' && line[strspn(line, " \t\r")] != '\0')
			return true;
	}
	return false;
}

bool aspect_present(const char *prompt, enum aspect aspect)
{
	for (const char *line = prompt; *line; line = next_line(line)) {
		if (*line == '#' && line_has_any(line, strcspn(line, "\n"), aspects[aspect].words)
		    && has_body(next_line(line)))
			return true;
	}
	return false;
}

bool aspect_named(const char *text, enum aspect aspect)
{
	return line_has(text, strlen(text), aspects[aspect].area, strlen(aspects[aspect].area));
}

/* List items up to the number that earns all points of it. */
static int64_t list_points(const char *prompt)
{
	int64_t items = 0;
	for (const char *line = prompt; *line; line = next_line(line)) {
		const char *text = line + strspn(line, " ");
		items += (*text == '-' || *text == '*') && text[1] == ' ';
	}
	return items < POINTS_LISTS ? items : POINTS_LISTS;
}

static int64_t length_points(const char *prompt)
{
	int64_t words = 0;
	for (const char *c = prompt; *c;) {
		c += strspn(c, " \t\r\n");
		words += *c != '\0';
		c += strcspn(c, " \t\r\n");
	}
	int64_t points = words / WORDS_PER_POINT;
	return points < POINTS_LENGTH ? points : POINTS_LENGTH;
}

/* Texts of a briefing's list that the prompt does not repeat. */
static int64_t lost_count(const char *prompt, const struct doc *list)
{
	int64_t lost = 0;
	for (size_t i = 0; i < doc_count(list); i++) {
		const struct doc *item = doc_at(list, i);
		lost += doc_type(item) == DOC_TEXT && !strstr(prompt, doc_scalar(item));
	}
	return lost;
}

static int64_t lost_points(const char *prompt, const struct doc *briefing)
{
	if (!briefing)
		return 0;
	int64_t lost = lost_count(prompt, doc_get(briefing, "facts"))
	    + lost_count(prompt, doc_get(briefing, "rules"));
	return 2 * lost < LOST_MAX ? 2 * lost : LOST_MAX;
}

static const char *severity(enum aspect aspect)
{
	if (aspects[aspect].weight >= 9)
		return "high";
	return aspects[aspect].weight >= 6 ? "medium" : "low";
}

/* The weightiest missing aspects, at most FINDINGS_AT_ONCE: a reviewer who names everything at
 * once leaves nothing for the next round. */
static void collect_findings(const bool *missing, struct review *review)
{
	bool taken[ASPECT_COUNT] = {false};
	while (review->finding_count < FINDINGS_AT_ONCE) {
		int best = -1;
		for (int i = 0; i < ASPECT_COUNT; i++) {
			if (missing[i] && !taken[i]
			    && (best < 0 || aspects[i].weight > aspects[best].weight))
				best = i;
		}
		if (best < 0)
			return;
		taken[best] = true;
		review->findings[review->finding_count++] = (struct finding){
		    .aspect = (enum aspect)best, .severity = severity((enum aspect)best)};
	}
}

void quality_review(struct arena *arena, const char *prompt, const struct doc *briefing,
    struct review *review)
{
	bool missing[ASPECT_COUNT];
	int present = 0;
	*review = (struct review){0};
	for (int i = 0; i < ASPECT_COUNT; i++) {
		missing[i] = !aspect_present(prompt, (enum aspect)i);
		present += !missing[i];
		review->score += missing[i] ? 0 : aspects[i].weight;
	}
	review->score += list_points(prompt) + length_points(prompt);
	review->score -= lost_points(prompt, briefing);
	if (review->score < 0)
		review->score = 0;
	collect_findings(missing, review);
	if (review->finding_count == 0)
		review->summary = "The prompt covers every aspect that was checked.";
	else
		review->summary = arena_printf(arena, "The prompt covers %d of %d aspects; most "
		    "would be gained by work on %s.", present, ASPECT_COUNT,
		    aspects[review->findings[0].aspect].area);
}
