/* registry.h: the file-based account registry: accounts, their assistants and prompt versions as
 * folders and files, in the layout of docs/accounts.md.
 *
 * One reader for the import, for adoption, and for what is told while the database is away. It
 * changes nothing, follows no link, and forgives: what it cannot take it tells of and leaves out.
 * What is read lives in the arena that is given; the texts of versions are read one by one. */
#ifndef MODEL_REGISTRY_H
#define MODEL_REGISTRY_H

#include "model/ctx.h"

#define REGISTRY_PROMPT_MAX (1u << 20)    /* bytes of a prompt */
#define REGISTRY_INJECTION_MAX (8u << 20) /* of an injection file */
#define REGISTRY_NAME_MAX 200             /* code points of a name or an external id */
#define REGISTRY_ENVIRONMENT "production" /* where a version is deployed that is marked so */

struct registry;

/* What is left out: a note tells that nobody will miss it, a refusal that something is missing. */
enum registry_word { REGISTRY_NOTE, REGISTRY_REFUSAL };

/* path is relative to the registry and may hold any bytes. */
struct registry_teller {
	void (*tell)(void *arg, enum registry_word word, const char *path, const char *sentence);
	void *arg;
};

struct registry_place {
	const char *name; /* of an account its slug, of an assistant its external id */
	const char *path; /* of its folder */
};

struct registry_account {
	const char *slug;
	const char *name;     /* the slug, when nothing else is told */
	const char *zone;     /* NULL: none is told */
	const char *settings; /* an object as JSON, or NULL */
	struct registry_place *assistants; /* sorted by their folders */
	size_t count;
};

struct registry_version {
	int number;
	const char *folder;                       /* of its own, or NULL */
	const char *prompt, *injection, *metadata; /* files, or NULL */
	const char *twice; /* another file that says that it is the same; NULL: none */
};

struct registry_assistant {
	const char *external_id;
	const char *path;
	const char *name;
	const char *settings; /* likewise */
	bool has_facts;       /* a file tells of it */
	int current;          /* number of the version that is said to be deployed; 0: none */
	struct registry_version *versions; /* by number */
	size_t count;
};

struct registry_text {
	int number;
	const char *path;       /* of the file of its prompt */
	const char *prompt;     /* valid UTF-8 */
	const char *hash;       /* SHA-256 of the prompt */
	const char *injection;  /* a module that exports exactly the prompt */
	const char *created_at; /* an instant, or NULL */
	const char *status;     /* draft, final, deployed or archived */
	const char *score, *iterations, *message; /* decimal text, text; each may be NULL */
	bool is_marked;         /* its metadata say that it is deployed */
};

/* Opens a registry; teller may be NULL. ERR_MISSING: there is no such folder. */
const struct err *registry_open(struct arena *arena, const char *dir,
    const struct registry_teller *teller, struct registry **registry) MUST_CHECK;
/* That of PROMPTBUILDER_ACCOUNTS_DIR; NULL in *registry when none is set or it cannot be read,
 * which is logged. */
void registry_configured(struct arena *arena, const struct conf *conf,
    struct registry **registry);
/* Its folders of accounts, also those whose names are no slugs. */
const struct err *registry_accounts(const struct registry *registry, struct arena *arena,
    struct registry_place **places, size_t *count) MUST_CHECK;
/* Why a folder's name can be no account's, and what it might be called; NULL: it can. */
const char *registry_slug_fault(struct arena *arena, const char *name);
/* One account; ERR_MISSING when it has no folder or its name is no slug. */
const struct err *registry_account(const struct registry *registry, struct arena *arena,
    const char *slug, struct registry_account *account) MUST_CHECK;
/* One of its assistants, by the place that the account tells. */
const struct err *registry_assistant(const struct registry *registry, struct arena *arena,
    const struct registry_place *place, struct registry_assistant *assistant) MUST_CHECK;
/* The place of that external id; NULL: none. */
const struct registry_place *registry_find(const struct registry_account *account,
    const char *external_id);
/* The texts of a version. false: it was refused, and told of. */
bool registry_text(const struct registry *registry, struct arena *arena,
    const struct registry_version *version, struct registry_text *text) MUST_CHECK;

/* Adoption: an account that the database does not know and the registry does is made, with its
 * assistants but without versions, when an operator names it; *is_adopted tells. Nobody else makes
 * one by asking. The audit log has it as made by that operator. */
const struct err *registry_adopt(struct ctx *ctx, const char *slug, bool *is_adopted) MUST_CHECK;
/* The same of one assistant of an account, for operators and the account's members. */
const struct err *registry_adopt_assistant(struct ctx *ctx, const char *account_id,
    const char *external_id) MUST_CHECK;

/* The texts of the version that is said to be deployed, the highest of several, or else of the one
 * with the highest number. false: there is none that can be taken. */
bool registry_deployed(const struct registry *registry, struct arena *arena,
    const struct registry_assistant *assistant, struct registry_text *text) MUST_CHECK;

/* What is delivered of an assistant while nobody else knows. environment may be NULL; one that is
 * not REGISTRY_ENVIRONMENT is ERR_MISSING, as the files tell of no other, and so is all that the
 * registry does not have. */
struct registry_question {
	const char *account;   /* slug */
	const char *assistant; /* external id */
	const char *environment;
};
const struct err *registry_prompt(struct arena *arena, const struct conf *conf,
    const struct registry_question *question, struct registry_text *out) MUST_CHECK;

#endif
