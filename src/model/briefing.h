/* briefing.h: a briefing in the form that is stored, hashed and sent to the model.
 *
 * Keys, in this order, absent ones left out: assistantId, assistant, company, purpose, audience,
 * tone, language, channels[], facts[], rules[], examples[], targetScore, iterationLimit, model. */
#ifndef MODEL_BRIEFING_H
#define MODEL_BRIEFING_H

#include "model/ctx.h"

#define BRIEFING_TARGET_PRESET 90
#define BRIEFING_ITERATIONS_PRESET 3

/* The stored form of checked values; defaults are filled in. */
struct doc *briefing_normalise(struct ctx *ctx, const struct doc *values);
/* The models an account can launch now, those with a price, as an array of names. account_id
 * NULL: by the price list alone. */
const struct err *briefing_models(struct ctx *ctx, const char *account_id, struct doc *models)
    MUST_CHECK;
/* Is the model among models? ERR_INVALID names the field and the models there are. */
const struct err *briefing_check_model(struct ctx *ctx, const char *model,
    const struct doc *models, const char *field) MUST_CHECK;

#endif
