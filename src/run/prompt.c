/* prompt.c: renders the stable part and the phase's part of a question. */
#include "run/prompt.h"

#include "base/text.h"
#include "view/view.h"

#define PART_MAX (8 * 1024 * 1024)
#define BODY_MAX (30 * 1024 * 1024)

/* Within JSON '<' only stands in texts, where its escape means the same: what a briefing says
 * can then not close the tag around it. */
static const char *without_tags(struct arena *arena, const char *json)
{
	struct buf *safe = buf_new(arena, PART_MAX);
	for (; *json; json++) {
		if (*json == '<')
			buf_text(safe, "\\u003c");
		else
			buf_char(safe, *json);
	}
	return safe->data;
}

static const struct err *render(struct arena *arena, const char *templates, const char *word,
    const struct doc *d, const char **out)
{
	struct buf *text = buf_new(arena, PART_MAX);
	struct view view = {
		.directory = templates,
		.name = arena_printf(arena, "prompts/%s.cs", word),
		.escape = VIEW_PLAIN,
	};
	const struct err *err = view_render(arena, &view, d, NULL, text);
	if (!err && text->failed)
		err = err_new(arena, ERR_LIMIT, "The prompt is too long to be sent.");
	*out = err ? NULL : text_trim(arena, text->data);
	return err;
}

const struct err *prompt_ask(struct arena *arena, const struct prompt_source *source,
    const struct pipeline *pipeline, const struct step *step, struct prompt *prompt)
{
	struct question question = {.model = source->model, .max_tokens = source->max_tokens};
	struct doc *stable = doc_object(arena), *d = doc_object(arena);
	doc_set_text(stable, "briefing", without_tags(arena, source->briefing));
	step->phase->fill(arena, d, pipeline);
	const char *findings = doc_text(d, "findings");
	if (findings)
		doc_set_text(d, "findings", without_tags(arena, findings));

	const struct err *err = render(arena, source->templates, "system", stable,
	    &question.system);
	if (!err)
		err = render(arena, source->templates, step->phase->word, d, &question.user);
	if (err)
		return err;
	if (step->phase->schema)
		question.schema = step->phase->schema(arena);
	prompt->body = buf_new(arena, BODY_MAX);
	messages_request(arena, &question, prompt->body, &prompt->hash);
	if (prompt->body->failed)
		return err_new(arena, ERR_LIMIT, "The request is too long to be sent.");
	return NULL;
}
