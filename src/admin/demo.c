/* demo.c: demo load: an account with an assistant and one run through the real queue. */
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "model/account.h"
#include "model/run.h"

#define DEMO_SLUG "demo"

static const char demo_briefing[] =
    "{\"assistantId\":\"helpdesk\",\"assistant\":\"Help desk\","
    "\"company\":\"Harbour Coffee Roasters\","
    "\"purpose\":\"Answer customers' questions about orders, subscriptions, delivery and "
    "brewing, and hand over to a colleague when a refund or a complaint is involved.\","
    "\"audience\":\"Home brewers and small cafes who ordered online\","
    "\"tone\":\"Warm, brief and concrete\",\"language\":\"English\","
    "\"channels\":[\"web chat\",\"e-mail\"],"
    "\"facts\":[\"Orders placed before 14:00 leave the same day\","
    "\"Subscriptions can be paused at any time in the customer's account\","
    "\"Unopened bags can be returned within 30 days\","
    "\"Decaffeinated coffee is roasted on Tuesdays\"],"
    "\"rules\":[\"Never promise a refund; hand over to a colleague\","
    "\"Ask for the order number before looking at an order\","
    "\"Say so when you do not know\"],"
    "\"examples\":[\"Q: Where is my order? A: I can look that up. What is your order number?\"],"
    "\"targetScore\":90,\"iterationLimit\":3}";

const struct err *admin_demo_load(struct admin *admin)
{
	struct arena *arena = admin->ctx.arena;
	struct run_launch launch = {.idempotency_key = "demo"};
	struct doc *account = doc_object(arena), *out = doc_object(arena), *briefing;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = account_get_or_create(&admin->ctx, DEMO_SLUG, "Demo account", account);
	if (err == NULL)
		err = doc_parse(arena, demo_briefing, strlen(demo_briefing), &briefing);
	if (err != NULL)
		return err;
	launch.account_id = doc_text(account, "id");
	err = admin_briefing(admin, launch.account_id, briefing, &launch.briefing);
	/* The key makes a second load find the first one's run. */
	if (err == NULL)
		err = run_launch(&admin->ctx, &launch, out);
	if (err == NULL)
		(void)printf("the account \"" DEMO_SLUG "\" has the run %s (%s)\n",
		    doc_text(out, "pipeline_id"), doc_text(out, "status"));
	return err;
}
