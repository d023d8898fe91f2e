/* registry_inner.h: what the files of the reader of the registry share. */
#ifndef MODEL_REGISTRY_INNER_H
#define MODEL_REGISTRY_INNER_H

#include "base/folder.h"
#include "model/registry.h"

struct registry {
	struct folder *folder;
	struct registry_teller teller;
};

void registry_tell(const struct registry *registry, enum registry_word word, const char *path,
    const char *sentence);
/* Whether an entry is passed over in silence: its name begins with "_" or ".". */
bool registry_is_hidden(const char *name);
/* Tells of what is no plain file or folder; true: it is one. */
bool registry_is_plain(const struct registry *registry, const char *path,
    enum folder_kind kind);
const char *registry_path(struct arena *arena, const char *folder, const char *name);

/* registry_facts.c. A JSON object in a file; NULL, told of, when it is none; NULL for path NULL. */
struct doc *registry_json(const struct registry *registry, struct arena *arena,
    const char *path);
/* Names of members, two at most, for one fact: "created_at", "createdAt". */
struct doc *registry_fact(const struct doc *facts, const char *name, const char *other);
/* A fact that is a line of text of at most REGISTRY_NAME_MAX characters, or NULL. */
const char *registry_line(const struct registry *registry, const struct doc *facts,
    const char *name, const char *path);
/* The settings in it as JSON, or NULL. */
const char *registry_settings(struct arena *arena, const struct doc *facts);
/* The version that is said to be current: "v3", "3" or 3; 0: none is. */
int registry_current(const struct doc *facts);
/* What a version's metadata say goes into text. */
void registry_facts_take(const struct registry *registry, struct arena *arena,
    const char *path, struct registry_text *text);
/* "v12" or "12" as a number of a version, the rest of the name in *rest; 0: it is none. */
int registry_number(const char *name, const char **rest);

/* registry_text.c. Fills in the files of a version that has a folder of its own. */
void registry_version_files(const struct registry *registry, struct arena *arena,
    struct registry_version *version);

#endif
