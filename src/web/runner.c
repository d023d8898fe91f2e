/* runner.c: the operator's page of runners: who works, what waits; pause, resume and drain. */
#include "model/runner.h"

#include "base/text.h"
#include "web/handlers.h"

const struct err *get_runners(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->title = "Runners";
	return runner_report(ctx, reply->doc);
}

const struct err *post_runners_pause(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->location = "/runners";
	reply->flash = "Claims are paused. What runs goes on.";
	return runner_pause(ctx, ctx->access.name, reply->doc);
}

const struct err *post_runners_resume(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->location = "/runners";
	reply->flash = "Claims go on.";
	return runner_resume(ctx, reply->doc);
}

const struct err *post_runners_drain(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	reply->location = "/runners";
	reply->flash = "The runners were asked to finish their calls and exit.";
	return runner_drain(ctx, NULL, ctx->access.name, reply->doc);
}

const struct err *post_runner_drain(struct ctx *ctx, const struct request *request,
    struct reply *reply)
{
	const char *id = request->piece[0];

	if (!text_is_uuid(id))
		return err_new(ctx->arena, ERR_MISSING, "There is no such runner.");
	reply->location = "/runners";
	reply->flash = "The runner was asked to finish its calls and exit.";
	return runner_drain(ctx, id, ctx->access.name, reply->doc);
}
